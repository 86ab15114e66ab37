"""The limits of the user, for the page of credits."""

from dataclasses import dataclass

from generations.models import Team, User
from generations.queries.spending.limits import own_limits
from generations.views.spending.limit_rows import LimitRow, limit_row, quota_words


@dataclass(frozen=True)
class OwnLimits:
    """The context of `_own_limits.html`. `pictures` is a sentence about the quota, empty without one."""

    lines: list[LimitRow]
    pictures: str

    def __bool__(self) -> bool:
        return bool(self.lines or self.pictures)


def build_own_limits(user: User, team: Team, *, reviews: bool) -> OwnLimits:
    """Return the user's own limits and those of the team.

    Users who review spending see the limits of the team on the page of limits, and here only those over all teams.
    """
    found = sorted(own_limits(team, user), key=lambda one: one.budget.person_id is None)
    shown = [one for one in found if one.budget.is_over_all_teams or not reviews]
    lines = [limit_row(one, whose="You" if one.budget.person_id else "") for one in shown]
    return OwnLimits(lines, "" if reviews else quota_words("You", team))
