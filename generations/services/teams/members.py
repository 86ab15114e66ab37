"""Change roles and remove members.

A removed member's queued pictures are cancelled and their holds released; finished pictures stay with the team.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import LastOwner, NotAllowed
from generations.models import AuditAction, Generation, Invitation, Membership, Role, State, Team, User
from generations.permissions import grantable, role_of
from generations.pipeline.worker.cancel import blocking_reason, cancel_queued
from generations.services.site import audit

NOT_ALLOWED = gettext_lazy("Your role in this team doesn't allow this. Ask a team owner to change it.")
ONLY_OWNER = gettext_lazy("%(name)s is the only owner of %(team)s. Make another member an owner first.")


def locked(team: Team) -> Team:
    """Return the team under a row lock, so that two owners who remove each other at the same moment are serialized."""
    return Team.objects.select_for_update().get(pk=team.pk)


@transaction.atomic
def change_role(*, actor: User, membership: Membership, role: Role) -> int:
    """Change a member's role; return how many queued pictures were cancelled because the new role may not generate.

    Raises NotAllowed, and LastOwner when they are the only owner.
    """
    team = locked(membership.team)
    membership.refresh_from_db()
    _require_grants(actor, team, [membership.role, role])
    if role != Role.OWNER:
        _keep_an_owner(membership)
    audit.record_event(
        AuditAction.CHANGED_ROLE,
        actor=actor,
        subject=membership.user,
        team=team,
        detail=f"{membership.role} to {role}",
    )
    membership.role = role
    membership.save(update_fields=["role"])
    _revoke_invitations(team, membership.user, role)
    return _cancel_waiting(actor, team, membership.user)


@transaction.atomic
def remove(*, actor: User, membership: Membership) -> int:
    """Remove a member; return how many queued pictures were cancelled. Running ones are finished and kept.

    Raises NotAllowed and LastOwner.
    """
    team = locked(membership.team)
    membership.refresh_from_db()
    _require_grants(actor, team, [membership.role])
    audit.record_event(AuditAction.REMOVED, actor=actor, subject=membership.user, team=team, detail=membership.role)
    return _go(actor, membership)


@transaction.atomic
def leave(*, actor: User, team: Team) -> int:
    """Leave the team, as `remove` does for another member. Raises LastOwner."""
    membership = Membership.objects.filter(team=locked(team), user=actor).first()
    # A double click, or somebody removed them at the same moment.
    if membership is None:
        return 0
    audit.record_event(AuditAction.LEFT, actor=actor, subject=actor, team=team, detail=membership.role)
    return _go(actor, membership)


def _go(actor: User, membership: Membership) -> int:
    team, person = membership.team, membership.user
    _keep_an_owner(membership)
    membership.delete()
    _revoke_invitations(team, person, None)
    return _cancel_waiting(actor, team, person)


def _cancel_waiting(actor: User, team: Team, person: User) -> int:
    """Cancel the user's queued pictures that may not be sent any more, and return how many."""
    waiting = Generation.objects.filter(team=team, author=person, state=State.QUEUED, finished_at=None)
    ids = list(waiting.values_list("id", flat=True))
    reasons = {one: reason for one in ids if (reason := blocking_reason(one))}
    return sum(cancel_queued(one, actor=actor, reason=reason) for one, reason in reasons.items())


def _require_grants(actor: User, team: Team, roles: list[str]) -> None:
    if not set(roles) <= set(grantable(role_of(actor, team))):
        raise NotAllowed(str(NOT_ALLOWED))


def deletion_blockers(actor: User, people: Iterable[User]) -> list[str]:
    """Return why these users cannot be deleted together, as sentences; an empty list when they can.

    The actor is a site administrator and cannot delete themself, so the site always keeps one.
    """
    going = {one.pk: one for one in people}
    reasons = [_("You can't delete yourself. Ask another site admin.")] if actor.pk in going else []
    owned = Membership.objects.filter(user__in=going, role=Role.OWNER).values("team")
    left = Membership.objects.exclude(user__in=going)
    owners = left.filter(role=Role.OWNER, user__is_active=True)
    orphans = Team.objects.filter(pk__in=owned).exclude(pk__in=owners.values("team")).filter(pk__in=left.values("team"))
    return reasons + [
        _("%(team)s would have members and no owner. Make another member an owner first.") % {"team": team}
        for team in orphans
    ]


def is_only_owner(team: Team, user: User) -> bool:
    """Return whether the user is the team's only active owner."""
    # An inactive owner cannot sign in and manage the team.
    owners = Membership.objects.filter(team=team, role=Role.OWNER, user__is_active=True)
    return list(owners.values_list("user", flat=True)[:2]) == [user.pk]


def _keep_an_owner(membership: Membership) -> None:
    if membership.role == Role.OWNER and is_only_owner(membership.team, membership.user):
        raise LastOwner(str(ONLY_OWNER) % {"name": membership.user.display_name, "team": membership.team})


def _revoke_invitations(team: Team, person: User, role: str | None) -> None:
    """Revoke the open invitations that the user could not send with `role` (None: not a member any more)."""
    sent = Invitation.objects.filter(team=team, invited_by=person, accepted_at=None, revoked_at=None)
    sent.exclude(role__in=grantable(role)).update(revoked_at=Now())
