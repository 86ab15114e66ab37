"""Spending in a period, in total and by dimension. US dollars, exact.

Author, time, model, size and speed of a picture never change, so past days are read from their daily totals. What may
change (collections, tags, prompts, outcome) is read from the entries, and so is the cost centre: days that were summed
before there were cost centres, or by an earlier release during an upgrade, are not to be summed again for it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
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
from generations.queries.spending.review.entries import COLUMNS, NONE, spent_between, sum_and_charges
from generations.queries.spending.review.period import ONE_DAY, Period
from generations.queries.spending.review.scope import Scope

ZERO = Decimal(0)
# Key of the line that subtracts what is counted in several lines above it.
COUNTED_TWICE = "*"
# Dimension of a review → column of the daily totals.
ROLLED = {
    "person": Coalesce("author", "former_author"), "model": F("model"), "size": F("size"), "speed": F("speed"),
    "team": F("team"),
}  # fmt: skip
DIMENSIONS = ("person", "day", "size", "speed", "collection", "cost_centre", "tag", "prompt_group", "outcome")


@dataclass(frozen=True)
class BreakdownRow:
    """One line of a breakdown; `spent` in US dollars, `charges` counts paid calls.

    `key` is the primary key of a person, collection or team as text, a tag, a cost centre, the short name of an option,
    an ISO day or an outcome; empty for entries that have none.
    """

    key: str
    spent: Decimal
    charges: int


@dataclass(frozen=True)
class DayRow:
    """Spending on one day in US dollars, and the number of paid calls."""

    day: date
    spent: Decimal
    charges: int


@dataclass(frozen=True)
class Totals:
    """Amounts in US dollars and numbers of paid calls.

    `failed` was charged for pictures that were never delivered, `undelivered` for those that may still be: the file is
    not downloaded yet, or another attempt is under way. `doubtful` was charged for pictures with an unknown outcome;
    `estimated` rests on this site's own estimates.
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
    """Return the totals of the period."""
    rows = spent_between(scope, period.since, period.until)
    lines = _rolled(scope, period, "team")
    still = Attempt.objects.filter(cost_estimated=True).values("id")
    guessed = rows.filter(Q(attempt__in=still) | Q(attempt=None, estimated=True))
    of_failed, of_guessed = _failed(scope, period), sum_and_charges(guessed)
    undelivered = sum_and_charges(rows.filter(generation__in=Generation.objects.filter(finished_at=None).values("id")))
    unknown = Attempt.objects.filter(state=AttemptState.UNKNOWN).values("generation")
    in_doubt = Generation.objects.filter(id__in=unknown, state=State.UNKNOWN)
    doubtful = sum_and_charges(rows.filter(generation__in=in_doubt))
    spent = sum((spent for spent, _ in lines.values()), ZERO)
    return Totals(spent, sum(count for _, count in lines.values()), *of_failed, *of_guessed, *undelivered, *doubtful)


def by_day(scope: Scope, period: Period) -> list[DayRow]:
    """Return every day of the period, including those without spending."""
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
    """Return lines that add up to the period's total, most expensive first; days in their order.

    A picture in two collections, or with two tags, counts in both lines, and a last line (COUNTED_TWICE) subtracts the
    excess. Raises ValueError for an unknown dimension.
    """
    if by == "day":
        return [BreakdownRow(one.day.isoformat(), one.spent, one.charges) for one in by_day(scope, period)]
    if by in ROLLED:
        return _lines(_rolled(scope, period, by))
    if by in COUNTED:
        return COUNTED[by](scope, period)
    raise ValueError(f"Spending is not told by {by!r}; it is by one of {', '.join(DIMENSIONS)}.")


def _failed(scope: Scope, period: Period) -> tuple[Decimal, int]:
    """Sum charges of failed pictures from the daily totals, and from entries where those are missing or outdated.

    A day is outdated when the outcome of one of its pictures has changed since. The entries of all days from the first
    to the last outdated one are read together, so there is one more query however many such days there are.
    """
    rolled, open_ = _parts(scope, period)
    asked = [open_]
    if old := ledger.outdated() & set(period.days):
        first, last = min(old), max(old)
        rolled = rolled.exclude(day__range=(first, last))
        asked.append(spent_between(scope, ledger.midnight(first), ledger.midnight(last + ONE_DAY)))
    of_days = rolled.aggregate(total=Total("failed"), count=Sum("failed_charges", default=0))
    found = [sum_and_charges(rows.filter(generation__state=State.FAILED)) for rows in asked]
    spent = sum((one for one, _ in found), of_days["total"])
    return spent, of_days["count"] + sum(count for _, count in found)


def _rolled(scope: Scope, period: Period, by: str) -> Sums:
    """Sum by a column of the daily totals, and from the entries of days that have none yet."""
    rolled, open_ = _parts(scope, period)
    of_days = rolled.values(key=ROLLED[by]).annotate(total=Total("spent"), count=_charges()).order_by()
    found = [(row["key"], row["total"], row["count"]) for row in of_days]
    return _merged([*found, *_grouped(open_, F("team") if by == "team" else COLUMNS[by])])


def _parts(scope: Scope, period: Period) -> "tuple[QuerySet[Any], QuerySet[LedgerEntry]]":
    """Return the daily totals of the period, and the entries of its later days."""
    through = ledger.rolled_through()
    last = min(through, period.last + ONE_DAY) if through else period.first
    if last <= period.first:
        return scope.days.none(), spent_between(scope, period.since, period.until)
    rolled = scope.days.filter(day__gte=period.first, day__lt=last)
    return rolled, spent_between(scope, ledger.midnight(last), period.until)


def _by_column(column: Coalesce | F) -> Callable[[Scope, Period], list[BreakdownRow]]:
    def lines(scope: Scope, period: Period) -> list[BreakdownRow]:
        return _lines(_merged(_grouped(spent_between(scope, period.since, period.until), column)))

    return lines


def _by_outcome(scope: Scope, period: Period) -> list[BreakdownRow]:
    rows = _grouped(spent_between(scope, period.since, period.until), F("generation__state"))
    names: dict[object, object] = {State.RUNNING: "waiting", State.QUEUED: "waiting"}
    return _lines(_merged((names.get(state, state), spent, count) for state, spent, count in rows))


def _by_place(
    holder: type[CollectionItem | Tagging], path: str, key: str
) -> Callable[[Scope, Period], list[BreakdownRow]]:
    """Sum by something of which a picture may have several, or none."""

    def lines(scope: Scope, period: Period) -> list[BreakdownRow]:
        rows = spent_between(scope, period.since, period.until)
        placed = rows.filter(**{f"{path}__isnull": False})
        found = _grouped(placed, F(f"{path}__{key}"))
        bare = rows.filter(~Exists(holder.objects.filter(generation=OuterRef("generation"))))
        whole, none = sum_and_charges(rows), sum_and_charges(bare)
        spent = sum((one[1] for one in found), ZERO) - whole[0] + none[0]
        charges = sum(one[2] for one in found) - whole[1] + none[1]
        extra = [BreakdownRow(COUNTED_TWICE, -spent, -charges)] if spent or charges else []
        return _lines(_merged([*found, (None, *none)] if any(none) else found)) + extra

    return lines


COUNTED: dict[str, Callable[[Scope, Period], list[BreakdownRow]]] = {
    "cost_centre": _by_column(COLUMNS["cost_centre"]),
    "prompt_group": _by_column(COLUMNS["prompt_group"]),
    "outcome": _by_outcome,
    "collection": _by_place(CollectionItem, "generation__collection_items", "collection"),
    "tag": _by_place(Tagging, "generation__taggings", "tag__name"),
}


def _grouped(rows: "QuerySet[LedgerEntry]", column: Coalesce | F) -> list[tuple[object, Decimal, int]]:
    """Return each value with the US dollars spent and the number of charges."""
    charges = Count("id", Q(kind=EntryType.CHARGE))
    found = rows.order_by().values(key=column).annotate(total=Total("amount"), count=charges)
    return [(row["key"], -row["total"], row["count"]) for row in found]


def _charges() -> Any:
    """Return the number of charges in the daily totals."""
    return Sum("charges")


def _merged(found: Iterable[tuple[object, Decimal, int]]) -> Sums:
    """Return the sums by key as text.

    Several sums may share a key, because a row may have been deleted since its day was totalled.
    """
    sums: Sums = defaultdict(lambda: (ZERO, 0))
    for key, spent, count in found:
        text = NONE if key is None else str(key)
        before = sums[text]
        sums[text] = (before[0] + spent, before[1] + count)
    return dict(sums)


def _lines(sums: Sums) -> list[BreakdownRow]:
    lines = [BreakdownRow(key, *sum_) for key, sum_ in sums.items()]
    return sorted(lines, key=lambda line: (-line.spent, line.key))
