"""Orders above a team's approval limit."""

from django.db.models import Q, QuerySet

from generations.models import BatchRequest, Membership, RequestState, Team, User
from generations.permissions import REVIEWERS, Verb, allows, role_of


def approval_requests(team: Team, viewer: User, role: str | None) -> "QuerySet[BatchRequest]":
    """All of them for who decides, as the viewer's role says, else her own; the latest first."""
    rows = BatchRequest.objects.filter(team=team)
    if not allows(role, Verb.REVIEW):
        rows = rows.filter(asker=viewer)
    return rows.select_related("team", "asker", "decided_by", "collection").order_by("-id")


def pending_count(team: Team, viewer: User, role: str | None) -> int:
    return approval_requests(team, viewer, role).filter(state=RequestState.ASKED).count()


def may_decide(viewer: User, request: BatchRequest) -> bool:
    """Who reviews; about her own order only where nobody else does."""
    if not allows(role_of(viewer, request.team), Verb.REVIEW):
        return False
    return request.asker_id != viewer.pk or decides_alone(viewer, request.team)


def decides_alone(viewer: User, team: Team) -> bool:
    """Of somebody who reviews: whether nobody else in the team does."""
    others = Membership.objects.filter(~Q(user=viewer), team=team, role__in=REVIEWERS, user__is_active=True)
    return not others.exists()
