"""Create, change and revoke share links, which open pictures to people without an account."""

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
from generations.services.site.encryption import decrypt, encrypt, reencrypt

TOKEN_BYTES = 32
PURPOSE = "share-link"
UNFINISHED = gettext_lazy("You can only share finished pictures that aren't hidden or in the trash.")


@dataclass(frozen=True)
class LinkTerms:
    """Options of a link.

    `expires_at` None means never; `password` is the plain text, empty for none, and None keeps the present one.
    """

    expires_at: datetime | None
    password: str | None = field(default="", repr=False)
    allow_download: bool = False
    show_prompt: bool = False
    show_names: bool = False


@transaction.atomic
def create_link(*, actor: User, thing: Generation | Collection, terms: LinkTerms) -> tuple[ShareLink, str]:
    """Create a link and return it with its token.

    Raises PermissionDenied, TooManyRequests, and GalleryError when the picture cannot be shared, when the time has
    passed, or when the role allows no link without an end.
    """
    _require(actor, thing.team, terms.expires_at)
    if isinstance(thing, Generation) and not is_shareable(thing):
        raise GalleryError(UNFINISHED)
    rate_limits.acquire("share_link", user=actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = ShareLink.objects.create(
        team=thing.team,
        creator=actor,
        generation=thing if isinstance(thing, Generation) else None,
        collection=thing if isinstance(thing, Collection) else None,
        token_hash=token_hash(token),
        token_encrypted=encrypt(PURPOSE, token),
        expires_at=terms.expires_at,
        password=make_password(terms.password) if terms.password else "",
        allow_download=terms.allow_download,
        show_prompt=terms.show_prompt,
        show_names=terms.show_names,
    )
    audit.record_event(AuditAction.MADE_LINK, actor=actor, subject=link, team=thing.team)
    _tell(actor, link)
    return link, token


@transaction.atomic
def change_link(*, actor: User, link: ShareLink, terms: LinkTerms) -> None:
    """Change the options of the actor's own link; visitors meet them at their next request.

    Raises PermissionDenied when it is another user's or the role has changed, TooManyRequests, and GalleryError when
    the link has been revoked meanwhile or the time is refused as for a new one.
    """
    if link.creator_id != actor.pk:
        raise PermissionDenied(_("Only its creator can change a link."))
    _require(actor, link.team, terms.expires_at, had_no_end=link.expires_at is None)
    rate_limits.acquire("share_link_change", user=actor)
    changes: dict[str, object] = {
        "expires_at": terms.expires_at,
        "allow_download": terms.allow_download,
        "show_prompt": terms.show_prompt,
        "show_names": terms.show_names,
    }
    if terms.password is not None:
        changes["password"] = make_password(terms.password) if terms.password else ""
    if not ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(**changes):
        raise GalleryError(_("This link was revoked meanwhile. Create another one."))
    audit.record_event(AuditAction.CHANGED_LINK, actor=actor, subject=link, team=link.team)


def token_of(*, actor: User, link: ShareLink) -> str:
    """Return the token for its creator to copy; empty for others, and when it was not kept or no key reads it."""
    if link.creator_id != actor.pk or not link.token_encrypted:
        return ""
    return decrypt(PURPOSE, link.token_encrypted) or ""


@transaction.atomic
def reencrypt_tokens() -> tuple[int, int]:
    """Encrypt the tokens with the present key; return how many there are, and how many no key can read."""
    count = unreadable = 0
    kept = ShareLink.objects.exclude(token_encrypted="").select_for_update().order_by("pk")
    for link in kept.only("token_encrypted"):
        renewed = reencrypt(PURPOSE, link.token_encrypted)
        count += renewed is not None
        unreadable += renewed is None
        if renewed is not None:
            ShareLink.objects.filter(pk=link.pk).update(token_encrypted=renewed)
    return count, unreadable


def _require(actor: User, team: Team, expires_at: datetime | None, *, had_no_end: bool = False) -> None:
    """Raise PermissionDenied or GalleryError unless the actor may have a link with this end."""
    role = role_of(actor, team)
    if not allows(role, Verb.SHARE):
        raise PermissionDenied
    if expires_at is None and not had_no_end and not allows(role, Verb.SHARE_ANY):
        raise GalleryError(_("Only managers and owners can create links that never expire. Choose an expiry date."))
    if expires_at is not None and expires_at <= timezone.now():
        raise GalleryError(_("This date has passed. Choose a later one."))


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
