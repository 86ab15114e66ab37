"""What was spent in a period, in all and by what. US dollars, exact.

Who made a picture, when, its model, size and speed never change, so the days that are over are read from their sums.
What may change (collections, tags, words, what became of it) is asked of the entries.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from generations import ledger
from generations.models import (
    Attempt,
    AttemptState,
    CollectionItem,
    EntryType,
    Generation,
    LedgerEntry,
    State,
    Tagging,
    Total,
    uuid7_time,
)  # fmt: skip
from generations.queries.spending.review.entries import COLUMNS, NONE, spent_between
from generations.queries.spending.review.period import ONE_DAY, Period
from generations.queries.spending.review.scope import Scope

ZERO = Decimal(0)
# The key of the line that takes back what stands in several lines above it.
COUNTED_TWICE = "*"
# Dimension of a review → column of the sums of days.
ROLLED = {"person": "author", "model": "model", "size": "size", "speed": "speed", "team": "team"}
DIMENSIONS = ("person", "day", "size", "speed", "collection", "tag", "family", "outcome")


@dataclass(frozen=True)
class BreakdownRow:
    """One line of a breakdown. `key` is a person's, collection's or team's key as text, a tag, a short name of an
    option, an ISO day, an outcome; empty for what has none. `charges` counts paid calls.
    """

    key: str
    spent: Decimal
    charges: int


@dataclass(frozen=True)
class DayRow:
    day: date
    spent: Decimal
    charges: int


@dataclass(frozen=True)
class Totals:
    """`failed` was charged for pictures that were never delivered, `undelivered` for those that may still be: their
    file is not downloaded yet, or another try is under way. `doubtful` was charged for pictures whose outcome is
    unknown; `estimated` is what rests on this site's own estimates.
    """

    spent: Decimal
    charges: int
    failed: Decimal
    failed_count: int
    estimated: Decimal
    estimated_count: int
    undelivered: Decimal
    undelivered_count: int
    doubtful: Decimal
    doubtful_count: int


Sums = dict[str, tuple[Decimal, int]]


def totals(scope: Scope, period: Period) -> Totals:
    rows = spent_between(scope, period.since, period.until)
    lines = _rolled(scope, period, "team")
    still = Attempt.objects.filter(cost_estimated=True).values("id")
    guessed = rows.filter(Q(attempt__in=still) | Q(attempt=None, estimated=True))
    of_failed, of_guessed = _failed(scope, period), _summed(guessed)
    undelivered = _summed(rows.filter(generation__in=Generation.objects.filter(finished_at=None).values("id")))
    unknown = Attempt.objects.filter(state=AttemptState.UNKNOWN).values("generation")
    doubtful = _summed(rows.filter(generation__in=Generation.objects.filter(id__in=unknown, state=State.UNKNOWN)))
    spent = sum((spent for spent, _ in lines.values()), ZERO)
    return Totals(spent, sum(count for _, count in lines.values()), *of_failed, *of_guessed, *undelivered, *doubtful)


def by_day(scope: Scope, period: Period) -> list[DayRow]:
    """Every day of the period, also those on which nothing was spent."""
    found: dict[date, tuple[Decimal, int]] = {}
    rolled, open_ = _parts(scope, period)
    for row in rolled.values("day").annotate(total=Total("spent"), count=_charges()).order_by():
        found[row["day"]] = (row["total"], row["count"])
    for id_, kind, amount in open_.values_list("id", "kind", "amount"):
        day = timezone.localdate(uuid7_time(id_))
        spent, count = found.get(day, (ZERO, 0))
        found[day] = (spent - amount, count + (kind == EntryType.CHARGE))
    return [DayRow(day, *found.get(day, (ZERO, 0))) for day in period.days]


def spent_by(scope: Scope, period: Period, by: str) -> list[BreakdownRow]:
    """Lines that add up to the total of the period, most expensive first; days in their order.

    A picture in two collections, or with two tags, stands in both lines, and a last one (COUNTED_TWICE) takes that
    back. Raises ValueError for what is no dimension.
    """
    if by == "day":
        return [BreakdownRow(one.day.isoformat(), one.spent, one.charges) for one in by_day(scope, period)]
    if by in ROLLED:
        return _lines(_rolled(scope, period, by))
    if by in COUNTED:
        return COUNTED[by](scope, period)
    raise ValueError(f"Spending is not told by {by!r}; it is by one of {', '.join(DIMENSIONS)}.")


def _failed(scope: Scope, period: Period) -> tuple[Decimal, int]:
    """From the sums of days; from the entries of the days that have none yet, and from those between the first and the
    last day whose pictures ended since in another way: one question more, however many such days there are."""
    rolled, open_ = _parts(scope, period)
    asked = [open_]
    if old := ledger.outdated() & set(period.days):
        first, last = min(old), max(old)
        rolled = rolled.exclude(day__range=(first, last))
        asked.append(spent_between(scope, ledger.midnight(first), ledger.midnight(last + ONE_DAY)))
    of_days = rolled.aggregate(total=Total("failed"), count=Sum("failed_charges", default=0))
    found = [_summed(rows.filter(generation__state=State.FAILED)) for rows in asked]
    spent = sum((one for one, _ in found), of_days["total"])
    return spent, of_days["count"] + sum(count for _, count in found)


def _rolled(scope: Scope, period: Period, by: str) -> Sums:
    """From the sums of days, and from the entries of the days that have none yet."""
    rolled, open_ = _parts(scope, period)
    column = ROLLED[by]
    of_days = rolled.values(column).annotate(total=Total("spent"), count=_charges()).order_by()
    found = [(row[column], row["total"], row["count"]) for row in of_days]
    key = "team" if by == "team" else COLUMNS[by]
    found += [(row[key], -row["total"], row["count"]) for row in _grouped(open_, key)]
    return _merged(found)


def _parts(scope: Scope, period: Period) -> "tuple[QuerySet[Any], QuerySet[LedgerEntry]]":
    """What is added up already, and the entries after that."""
    through = ledger.rolled_through()
    last = min(through, period.last + ONE_DAY) if through else period.first
    if last <= period.first:
        return scope.days.none(), spent_between(scope, period.since, period.until)
    rolled = scope.days.filter(day__gte=period.first, day__lt=last)
    return rolled, spent_between(scope, ledger.midnight(last), period.until)


def _by_column(column: str) -> Callable[[Scope, Period], list[BreakdownRow]]:
    def lines(scope: Scope, period: Period) -> list[BreakdownRow]:
        rows = _grouped(spent_between(scope, period.since, period.until), column)
        return _lines(_merged((row[column], -row["total"], row["count"]) for row in rows))

    return lines


def _by_outcome(scope: Scope, period: Period) -> list[BreakdownRow]:
    rows = _grouped(spent_between(scope, period.since, period.until), "generation__state")
    names = {State.RUNNING: "waiting", State.QUEUED: "waiting"}
    return _lines(
        _merged((names.get(row["generation__state"], row["generation__state"]), -row["total"], row["count"])
                for row in rows)
    )  # fmt: skip


def _by_place(
    holder: type[CollectionItem | Tagging], path: str, key: str
) -> Callable[[Scope, Period], list[BreakdownRow]]:
    """By what a picture may have several of, or none."""

    def lines(scope: Scope, period: Period) -> list[BreakdownRow]:
        rows = spent_between(scope, period.since, period.until)
        placed = rows.filter(**{f"{path}__isnull": False})
        found = [(row[f"{path}__{key}"], -row["total"], row["count"]) for row in _grouped(placed, f"{path}__{key}")]
        bare = rows.filter(~Exists(holder.objects.filter(generation=OuterRef("generation"))))
        whole, none = _summed(rows), _summed(bare)
        repeated = [sum((one[n] for one in found), ZERO) - whole[n - 1] + none[n - 1] for n in (1, 2)]
        extra = [BreakdownRow(COUNTED_TWICE, -repeated[0], -int(repeated[1]))] if any(repeated) else []
        return _lines(_merged([*found, (None, *none)] if any(none) else found)) + extra

    return lines


COUNTED: dict[str, Callable[[Scope, Period], list[BreakdownRow]]] = {
    "family": _by_column(COLUMNS["family"]),
    "outcome": _by_outcome,
    "collection": _by_place(CollectionItem, "generation__collection_items", "collection"),
    "tag": _by_place(Tagging, "generation__taggings", "tag__name"),
}


def _grouped(rows: "QuerySet[LedgerEntry]", column: str) -> "QuerySet[LedgerEntry, dict[str, Any]]":
    grouped: QuerySet[LedgerEntry, dict[str, Any]] = (
        rows.order_by().values(column).annotate(total=Total("amount"), count=Count("id", Q(kind=EntryType.CHARGE)))
    )
    return grouped


def _summed(rows: "QuerySet[LedgerEntry]") -> tuple[Decimal, int]:
    found = rows.order_by().aggregate(total=Total("amount"), count=Count("id", Q(kind=EntryType.CHARGE)))
    return -found["total"], found["count"]


def _charges() -> Any:
    """How many charges the sums of days stand for."""
    return Sum("charges")


def _merged(found: Iterable[tuple[object, Decimal, int]]) -> Sums:
    """Keys as text. Where a row was deleted since a day was added up, several may have become one."""
    sums: Sums = defaultdict(lambda: (ZERO, 0))
    for key, spent, count in found:
        text = NONE if key is None else str(key)
        before = sums[text]
        sums[text] = (before[0] + spent, before[1] + count)
    return dict(sums)


def _lines(sums: Sums) -> list[BreakdownRow]:
    lines = [BreakdownRow(key, *sum_) for key, sum_ in sums.items()]
    return sorted(lines, key=lambda line: (-line.spent, line.key))
