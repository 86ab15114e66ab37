"""Approval requests, for generation requests above a team's approval threshold."""

from django.db.models import Q, QuerySet

from generations.models import ApprovalRequest, Membership, RequestState, Team, User
from generations.permissions import REVIEWERS, Verb, allows, role_of


def approval_requests(team: Team, viewer: User, role: str | None) -> "QuerySet[ApprovalRequest]":
    """Return the team's requests, the latest first: all for a `role` that reviews, else the user's own."""
    rows = ApprovalRequest.objects.filter(team=team)
    if not allows(role, Verb.REVIEW):
        rows = rows.filter(requested_by=viewer)
    return rows.select_related("team", "requested_by", "decided_by", "collection").order_by("-id")


def request_lists(
    team: Team, viewer: User, role: str | None, *, most: tuple[int, int]
) -> tuple[list[ApprovalRequest], list[ApprovalRequest]]:
    """Return the undecided and the decided requests of `approval_requests`, at most so many of each."""
    rows = approval_requests(team, viewer, role)
    asked, decided = rows.filter(state=RequestState.PENDING), rows.exclude(state=RequestState.PENDING)
    return list(asked[: most[0]]), list(decided[: most[1]])


def pending_count(team: Team, viewer: User, role: str | None) -> int:
    """Return how many of these requests are undecided."""
    return approval_requests(team, viewer, role).filter(state=RequestState.PENDING).count()


def may_decide(viewer: User, request: ApprovalRequest) -> bool:
    """Return whether the user reviews; their own request only if no one else in the team can."""
    if not allows(role_of(viewer, request.team), Verb.REVIEW):
        return False
    return request.requested_by_id != viewer.pk or decides_alone(viewer, request.team)


def decides_alone(viewer: User, team: Team) -> bool:
    """Return whether no other active member of the team reviews."""
    others = Membership.objects.filter(~Q(user=viewer), team=team, role__in=REVIEWERS, user__is_active=True)
    return not others.exists()
