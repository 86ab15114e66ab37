"""What stands between a person and her next picture, for the page of credits."""

from generations.models import Team, User
from generations.queries.limits import own_limits
from generations.views.limit_lines import LimitLine, limit_line


def my_limits(user: User, team: Team) -> list[LimitLine]:
    """What `generations/_my_limits.html` shows: her own limits, and the team's, which hold for her as well."""
    found = sorted(own_limits(team, user), key=lambda one: one.budget.person_id is None)
    return [limit_line(one, whose="You" if one.budget.person_id else "") for one in found]
