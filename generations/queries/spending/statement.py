"""Statement of a month for its sign-off: all figures as text, with the names of that time."""

from datetime import date, timedelta
from typing import TypedDict

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy, pgettext

from generations.models import Attempt, AttemptState, EntryType, LedgerEntry, SignOff, Team, uuid7_time
from generations.queries.spending import review
from generations.queries.spending.review import BreakdownRow, Period, Scope
from generations.queries.spending.review.names import names_of

BREAKDOWNS = {
    "day": gettext_lazy("By day"),
    "person": gettext_lazy("By person"),
    "size": gettext_lazy("By size"),
    "speed": gettext_lazy("By speed"),
    "outcome": gettext_lazy("By outcome"),
    "collection": gettext_lazy("By collection"),
    "cost_centre": gettext_lazy("By cost centre"),
    "tag": gettext_lazy("By tag"),
}


class StatementLine(TypedDict):
    """A line of a breakdown; `key` is the day, the id or the name it stands for."""

    key: str
    name: str
    spent: str
    charges: int


class Statement(TypedDict):
    """The figures of a month as SignOff stores them; amounts in US dollars, with all places.

    `by` has the breakdowns that there were when it was signed.
    """

    team: str
    month: str
    zone: str
    spent: str
    entries: int
    charges: int
    failed: str
    estimated: str
    in_doubt: int
    by: dict[str, list[StatementLine]]


def statement_of(team: Team, period: Period) -> Statement:
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


def breakdowns_in(statement: Statement) -> list[str]:
    """Return the breakdowns of a statement in their order; one that was signed long ago lacks the newer ones."""
    return [by for by in BREAKDOWNS if by in statement["by"]]


def unknown_outcomes_in(team: Team, period: Period) -> "QuerySet[Attempt]":
    """Return the attempts sent in the period whose cost is not known yet."""
    unknown = Q(state=AttemptState.SENT) | Q(state=AttemptState.UNKNOWN, cost=None)
    rows = Attempt.objects.filter(unknown, generation__team=team)
    return rows.filter(sent_at__gte=period.since, sent_at__lt=period.until)


def past_months(team: Team, limit: int) -> list[date]:
    """Return the first days of at most `limit` months, from the last past one back to that of the first charge."""
    charges = LedgerEntry.objects.filter(team=team, kind=EntryType.CHARGE).order_by("id")
    first = charges.values_list("id", flat=True).first()
    if first is None:
        return []
    begins = timezone.localdate(uuid7_time(first)).replace(day=1)
    month = timezone.localdate().replace(day=1)
    found: list[date] = []
    while month > begins and len(found) < limit:
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found


def month_to_sign_off(team: Team) -> date | None:
    """Return the first day of the last month if it had charges before its end and is not signed off yet."""
    last = next(iter(past_months(team, 1)), None)
    if last is None or SignOff.objects.filter(team=team, month=last).exists():
        return None
    return last


def _lines(team: Team, by: str, lines: list[BreakdownRow]) -> list[StatementLine]:
    """Return the lines of a breakdown, without days on which nothing was charged."""
    names = names_of(team, by, [line.key for line in lines])
    shown = [line for line in lines if by != "day" or line.spent or line.charges]
    return [
        {"key": line.key, "name": day_of_month(line.key) if by == "day" else names[line.key], "spent": str(line.spent),
         "charges": line.charges}
        for line in shown
    ]  # fmt: skip


def day_of_month(key: str) -> str:
    """Return an ISO day as a statement names it: `Monday, 3`."""
    return date_format(date.fromisoformat(key), pgettext("date format: day of a known month", "l, j"))
