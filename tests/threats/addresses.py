"""Every named address of the site with real ids, and who may open it, so that no route is forgotten."""

import re
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from generations.models import (
    ApprovalRequest,
    Budget,
    Collection,
    Generation,
    Notification,
    Report,
    Role,
    Tag,
    Team,
    User,
)
from generations.services.accounts.profile import email_change_token
from generations.services.activity import comments
from generations.services.gallery import presets, saved_searches, tags
from generations.services.teams.invitations import invite
from tests.infrastructure.authenticator import passkey_for
from tests.sharing import collect, share


@dataclass
class World:
    """One team with one of everything; `tokens` are those that addresses contain."""

    owner: User
    member: User
    team: Team
    picture: Generation
    collection: Collection
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, object] = field(default_factory=dict)


def make_world(owner, member, team, picture):
    collection = collect(member, team, picture)
    tags.add(actor=member, team=team, words=["boats"], generations=[picture])
    invitation, token = invite(actor=owner, team=team, role=Role.MEMBER, email="guest@example.test")
    link, base = share(member, picture, allow_download=True, show_prompt=True)
    comment, _ = comments.write(actor=member, generation=picture, text=f"@{owner.display_name} look")
    saved = saved_searches.save(actor=member, team=team, name="Boats", parameters={"q": "boats"})
    preset = presets.save(actor=member, team=team, name="Boats", model=picture.model, values={"count": "2"})
    passkey_for(member, "A key")
    uid = urlsafe_base64_encode(force_bytes(member.pk))
    limit = Budget.objects.create(team=team, hard=500)
    asked = ApprovalRequest.objects.create(
        team=team, requested_by=member, model=picture.model, cells=[picture.parameters], estimate=1, visibility="team"
    )
    report = Report.objects.create(team=team, generation=picture, reporter=member, reason="other", note="A note.")
    world = World(owner, member, team, picture, collection)
    world.tokens = {
        "invitation": token,
        "share": base.split("/")[2],
        "address": email_change_token(user=member, new="new@example.test"),
        "reset": default_token_generator.make_token(member),
    }
    world.ids = {
        "team": team.slug, "generation": picture.id, "width": 320, "collection": collection.id, "member": member.pk,
        "tag": Tag.objects.get(team=team).pk, "invitation": invitation.id, "uidb64": uid, "comment": comment.id,
        "notification": Notification.objects.get(user=owner).id, "saved": saved.pk, "preset": preset.pk,
        "passkey": Authenticator.objects.get(user=member, type=Authenticator.Type.WEBAUTHN).pk,
        "rest": f"{world.tokens['share']}/x", "n": 1, "batch": picture.batch, "budget": limit.pk, "asked": asked.pk,
        "report": report.pk, "slug": "credits", "link": link.pk, "month": f"{timezone.localdate():%Y-%m}",
    }  # fmt: skip
    return world


def patterns(found=None):
    """Yield the routes of the site; Django's admin has tests of its own."""
    for one in (found or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield one
        elif isinstance(one, URLResolver) and one.app_name != "admin":
            yield from patterns(one)


def address(pattern, world):
    """Return the path with ids of this world. Raises KeyError for an unknown converter."""

    def fill(found):
        name = found[2]
        return str(world.tokens[_kind(pattern)] if name == "token" else world.ids[name])

    return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", fill, str(pattern.pattern))


def _kind(pattern):
    kinds = {"confirm_email": "address", "password_reset_confirm": "reset", "invitation": "invitation"}
    return kinds.get(pattern.name, "share")
