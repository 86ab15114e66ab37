"""Who is in a team, and who has been invited."""

import hashlib

from django.db.models import QuerySet
from django.db.models.functions import Now

from generations.models import Invitation, Membership, Team
from generations.permissions import grantable, role_of

PAGE = 100


def members_page(team: Team, after: int = 0) -> tuple[list[Membership], bool]:
    """In the order in which they joined, behind the membership `after`; and whether more follow."""
    rows = team.memberships.select_related("user").filter(id__gt=after).order_by("id")
    found = list(rows[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def open_invitations(team: Team) -> "QuerySet[Invitation]":
    """Newest first; those that expired too, for they can be sent again."""
    rows = Invitation.objects.filter(team=team, accepted_at=None, revoked_at=None)
    return rows.select_related("invited_by").order_by("-id")


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def valid_invitation(token: str) -> Invitation | None:
    """None for a token that is unknown, used, revoked or expired, or whose sender may not hand out the role now."""
    rows = Invitation.objects.filter(token_hash=token_hash(token), accepted_at=None, revoked_at=None)
    found = rows.filter(expires_at__gt=Now()).select_related("team", "invited_by").first()
    return found if found is not None and still_stands(found) else None


def invitation_for(email: str) -> Invitation | None:
    """The newest that lets this address in."""
    rows = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, expires_at__gt=Now())
    found = rows.select_related("team", "invited_by").order_by("-id")[:PAGE]
    return next((one for one in found if still_stands(one)), None)


def still_stands(invitation: Invitation) -> bool:
    sender = invitation.invited_by
    if sender is None:
        return True
    return sender.is_active and invitation.role in grantable(role_of(sender, invitation.team))
