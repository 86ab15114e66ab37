"""Statement of a month for its sign-off: all figures as text, with the names of that time."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from generations.models import Attempt, AttemptState, Team
from generations.queries.spending import review
from generations.queries.spending.review import BreakdownRow, Period, Scope
from generations.queries.spending.review.names import names_of

BREAKDOWNS = {
    "day": "By day", "person": "By person", "size": "By size", "speed": "By speed", "outcome": "By outcome",
    "collection": "By collection", "tag": "By tag",
}  # fmt: skip


def statement_of(team: Team, period: Period) -> dict[str, Any]:
    """Return the statement as JSON-compatible values; every breakdown adds up to `spent`, in US dollars."""
    scope = Scope(team)
    whole = review.totals(scope, period)
    return {
        "team": team.name,
        "month": f"{period.first:%Y-%m}",
        "zone": timezone.get_default_timezone_name(),
        "spent": str(whole.spent),
        "entries": review.entries(scope, period).count(),
        "charges": whole.charges,
        "failed": str(whole.failed),
        "estimated": str(whole.estimated),
        "in_doubt": unknown_outcomes_in(team, period).count(),
        "by": {by: _lines(team, by, review.spent_by(scope, period, by)) for by in BREAKDOWNS},
    }


def unknown_outcomes_in(team: Team, period: Period) -> Any:
    """Return the attempts sent in the period whose cost is not known yet."""
    unknown = Q(state=AttemptState.SENT) | Q(state=AttemptState.UNKNOWN, cost=None)
    rows = Attempt.objects.filter(unknown, generation__team=team)
    return rows.filter(sent_at__gte=period.since, sent_at__lt=period.until)


def _lines(team: Team, by: str, lines: list[BreakdownRow]) -> list[dict[str, Any]]:
    """Return the lines of a breakdown, without days on which nothing was charged."""
    names = names_of(team, by, [line.key for line in lines])
    shown = [line for line in lines if by != "day" or line.spent or line.charges]
    return [
        {"key": line.key, "name": _day(line.key) if by == "day" else names[line.key], "spent": str(line.spent),
         "charges": line.charges}
        for line in shown
    ]  # fmt: skip


def _day(key: str) -> str:
    day = date.fromisoformat(key)
    return f"{day:%A}, {day.day}"
