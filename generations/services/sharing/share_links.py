"""Create and revoke share links, which open pictures to people without an account."""

import secrets
import uuid
from collections.abc import Collection as Some
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import GalleryError
from generations.models import (
    ActivityKind,
    AuditAction,
    Collection,
    Generation,
    NotificationKind,
    ShareLink,
    State,
    Team,
    User,
)
from generations.permissions import Verb, allows, may_revoke_link, role_of
from generations.queries.sharing.share_links import token_hash
from generations.services.activity.notifications import notify_authors
from generations.services.activity.record import record
from generations.services.site import audit, rate_limits

TOKEN_BYTES = 32
UNFINISHED = gettext_lazy("You can only share finished pictures that aren't hidden or in the trash.")


@dataclass(frozen=True)
class LinkTerms:
    """Options of a new link; `expires_at` None means never, `password` is the plain text, empty for none."""

    expires_at: datetime | None
    password: str = field(default="", repr=False)
    allow_download: bool = False
    show_prompt: bool = False
    show_names: bool = False


@transaction.atomic
def create_link(*, actor: User, thing: Generation | Collection, terms: LinkTerms) -> tuple[ShareLink, str]:
    """Create a link and return it with its token, which is stored only as a hash.

    Raises PermissionDenied, TooManyRequests, and GalleryError when the picture cannot be shared, when the time has
    passed, or when the role allows no link without an end.
    """
    role = role_of(actor, thing.team)
    if not allows(role, Verb.SHARE):
        raise PermissionDenied
    if isinstance(thing, Generation) and not is_shareable(thing):
        raise GalleryError(UNFINISHED)
    if terms.expires_at is None and not allows(role, Verb.SHARE_ANY):
        raise GalleryError(_("Only managers and owners can create links that never expire. Choose an expiry date."))
    if terms.expires_at is not None and terms.expires_at <= timezone.now():
        raise GalleryError(_("This date has passed. Choose a later one."))
    rate_limits.acquire("share_link", user=actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ShareLink.objects.create(
        team=thing.team,
        creator=actor,
        generation=thing if isinstance(thing, Generation) else None,
        collection=thing if isinstance(thing, Collection) else None,
        token_hash=token_hash(token),
        expires_at=terms.expires_at,
        password=make_password(terms.password) if terms.password else "",
        allow_download=terms.allow_download,
        show_prompt=terms.show_prompt,
        show_names=terms.show_names,
    )
    audit.record_event(AuditAction.MADE_LINK, actor=actor, subject=link, team=thing.team)
    _tell(actor, link)
    return link, token


def _tell(actor: User, link: ShareLink) -> None:
    pictures = [link.generation] if link.generation else []
    done = record(
        actor=actor, team=link.team, kind=ActivityKind.SHARED, generations=pictures, collection=link.collection
    )
    notify_authors(actor=actor, team=link.team, kind=NotificationKind.SHARED, activity=done)


def is_shareable(row: Generation) -> bool:
    """Return whether the picture is finished, not hidden and not in the trash."""
    return row.state == State.DONE and row.deleted_at is None and row.hidden_at is None


@transaction.atomic
def revoke(*, actor: User, team: Team, links: Some[uuid.UUID]) -> int:
    """Revoke links and return how many; revoked links and those of other teams are skipped.

    Raises PermissionDenied, with none revoked, when one is another user's and the role does not allow that.
    """
    rows = ShareLink.objects.filter(team=team, id__in=links, revoked_at=None)
    ending, role = list(rows.select_for_update()), role_of(actor, team)
    if not all(may_revoke_link(role, actor, link) for link in ending):
        raise PermissionDenied(_("Only managers and owners can revoke other people's links."))
    for link in ending:
        audit.record_event(AuditAction.REVOKED_LINK, actor=actor, subject=link, team=team)
    return rows.filter(id__in=[link.id for link in ending]).update(revoked_at=Now(), revoked_by=actor)


@transaction.atomic
def revoke_all_of(*, actor: User, team: Team, person: int) -> int:
    """Revoke every link that `person`, a user's primary key, created in this team; return how many."""
    links = ShareLink.objects.filter(team=team, creator=person, revoked_at=None).values_list("id", flat=True)
    return revoke(actor=actor, team=team, links=list(links))
