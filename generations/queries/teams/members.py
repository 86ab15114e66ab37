"""Members of a team, and its invitations."""

import hashlib
from collections.abc import Iterable

from django.db.models import QuerySet
from django.db.models.functions import Now

from generations.models import Invitation, Membership, Team, User
from generations.permissions import grantable, role_of

PAGE = 100


def members_page(team: Team, after: int = 0) -> tuple[list[Membership], bool]:
    """Return a page of members in the order of joining, after the membership id `after`, and whether more follow."""
    rows = team.memberships.select_related("user").filter(id__gt=after).order_by("id")
    found = list(rows[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def member_of(team: Team, id_: str) -> User | None:
    """Return the member with this id, as a form sends it; None without one."""
    is_number = id_.isascii() and id_.isdigit() and len(id_) < 16
    return User.objects.filter(memberships__team=team, pk=int(id_)).first() if is_number else None


def roles_of(team: Team, people: Iterable[int | None]) -> dict[int, str]:
    """Return the roles of these users, by primary key; those who are not in the team are left out."""
    return dict(Membership.objects.filter(team=team, user__in=people).values_list("user", "role"))


def people_of(team: Team) -> list[User]:
    """Return the members by name."""
    return list(team.members.order_by("folded_name", "email"))


def open_invitations(team: Team) -> "QuerySet[Invitation]":
    """Return the invitations neither used nor revoked, the newest first; with expired ones, which can be renewed."""
    rows = Invitation.objects.filter(team=team, accepted_at=None, revoked_at=None)
    return rows.select_related("invited_by").order_by("-id")


def has_company(team: Team) -> bool:
    """Return whether the team has more than one member, or has invited somebody."""
    return team.memberships.order_by()[1:2].exists() or open_invitations(team).exists()


def token_hash(token: str) -> str:
    """Return the hash under which the database keeps a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def valid_invitation(token: str) -> Invitation | None:
    """Return the invitation of this token.

    None if it is unknown, used, revoked or expired, or if its sender may not give the role any more.
    """
    rows = Invitation.objects.filter(token_hash=token_hash(token), accepted_at=None, revoked_at=None)
    found = rows.filter(expires_at__gt=Now()).select_related("team", "invited_by").first()
    return found if found is not None and still_stands(found) else None


def invitation_for(email: str) -> Invitation | None:
    """Return the newest valid invitation for this address, or None."""
    rows = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, expires_at__gt=Now())
    found = rows.select_related("team", "invited_by").order_by("-id")[:PAGE]
    return next((one for one in found if still_stands(one)), None)


def still_stands(invitation: Invitation) -> bool:
    """Return whether the sender is active and may still give the role; command-line invitations have no sender."""
    sender = invitation.invited_by
    if sender is None:
        return True
    return sender.is_active and invitation.role in grantable(role_of(sender, invitation.team))
