"""The three figures of a time between two readings, and what may explain their differences. US dollars."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from generations.conf import conf
from generations.models import (
    SPENT,
    Attempt,
    AttemptState,
    BalanceReading,
    DiscrepancyExplanation,
    LedgerEntry,
    Total,
    Verdict,
)
from generations.pipeline import balance_readings
from generations.pipeline.balance_readings import TOLERANCE, ZERO
from generations.pipeline.reconciliation.balance.matching import SECOND, HistoryMatch, charged_at, sent_at


@dataclass(frozen=True)
class ReconciliationFigures:
    """Ledger, balance and history of one time.

    `history` is None when it could not be read. `named` and `listed` are the explained parts of the balance's and of
    the history's difference. `in_flight` is the cost of calls that were running at one of the two readings, and may
    be on either side of it.
    """

    since: datetime
    until: datetime
    booked: Decimal
    balance_decrease: Decimal
    history: Decimal | None
    rows: int
    unknown_count: int
    unknown_amount: Decimal
    in_flight: Decimal
    named: Decimal
    listed: Decimal

    @property
    def unexplained(self) -> Decimal:
        return self.balance_decrease - self.booked - self.named

    @property
    def unexplained_history(self) -> Decimal:
        return ZERO if self.history is None else self.history - self.booked - self.listed

    @property
    def agrees(self) -> bool:
        return within(self.unexplained, self.in_flight) and within(self.unexplained_history, self.in_flight)

    @property
    def explained(self) -> bool:
        """Return whether calls with an unknown outcome explain the differences: only the ledger lacks their cost."""
        most = self.in_flight + self.unknown_amount + TOLERANCE
        return all(-TOLERANCE - self.in_flight <= one <= most for one in (self.unexplained, self.unexplained_history))


def within(difference: Decimal, slack: Decimal = ZERO) -> bool:
    """Return whether a difference is at most the tolerance plus `in_flight`, in either direction."""
    return abs(difference) <= TOLERANCE + slack


def figures(
    before: BalanceReading, after: BalanceReading, matched: HistoryMatch | None, attempts: Sequence[Attempt]
) -> ReconciliationFigures:
    """Return the figures between two readings; `matched` is None when the history could not be read."""
    since, until = before.read_at, after.read_at
    inside = [one for one in attempts if since < charged_at(one) <= until]
    doubts = [one for one in inside if one.state == AttemptState.UNKNOWN and one.cost is None]
    checks = balance_readings.checks_between(since, until)
    owed = balance_readings.unsettled(checks)
    history, rows = history_of(matched, inside, since, until) if matched else (None, 0)
    named, listed = named_between(since, until)
    return ReconciliationFigures(
        since, until, booked=booked_between(since, until), balance_decrease=before.total - after.total,
        history=history, rows=rows, unknown_count=len(doubts) + owed.count(),
        unknown_amount=sum((one.estimate for one in doubts), ZERO) - owed.aggregate(total=Total("amount"))["total"],
        in_flight=under_way(attempts, since) + under_way(attempts, until), named=named, listed=listed,
    )  # fmt: skip


def booked_between(since: datetime, until: datetime) -> Decimal:
    """Return charges and corrections of the calls of that time, whenever they were corrected."""
    calls = LedgerEntry.objects.filter(kind__in=SPENT, attempt__in=balance_readings.between(since, until).values("id"))
    checks = balance_readings.checks_between(since, until).filter(kind__in=SPENT)
    return -sum((rows.aggregate(total=Total("amount"))["total"] for rows in (calls, checks)), ZERO)


def history_of(
    matched: HistoryMatch, inside: Sequence[Attempt], since: datetime, until: datetime
) -> tuple[Decimal, int]:
    """Return the cost and the number of the history's rows of that time, without rows that were not charged."""
    ours = [matched.rows[one.id] for one in inside if one.id in matched.rows]
    others = [row for row in (*matched.strangers, *matched.checks) if row.at and since < row.at + SECOND]
    rows = [row for row in (*ours, *(row for row in others if row.at and row.at <= until)) if row.cost]
    return sum((row.cost or ZERO for row in rows), ZERO), len(rows)


def named_between(since: datetime, until: datetime) -> tuple[Decimal, Decimal]:
    """Return the explained amounts of that time: of the balance, and of the history."""
    rows = DiscrepancyExplanation.objects.filter(ends__gt=since, ends__lte=until)
    found = rows.aggregate(amount=Total("amount"), listed=Total("listed"))
    return found["amount"], found["listed"]


def under_way(attempts: Sequence[Attempt], moment: datetime) -> Decimal:
    """Return what the calls that were running at a moment cost, or may cost.

    `attempts` are sorted by the time of sending.
    """
    longest = timedelta(seconds=conf().timeout)
    first, last = (bisect_right(attempts, when, key=sent_at) for when in (moment - longest, moment))
    calls = (one for one in attempts[first:last] if one.state != AttemptState.NOT_BILLED)
    open_then = (one for one in calls if (one.answered_at or one.finished_at or moment + longest) > moment)
    return sum((one.estimate if one.cost is None else one.cost for one in open_then), ZERO)


def verdict_of(now: ReconciliationFigures, settled: ReconciliationFigures | None) -> Verdict:
    """Return the verdict of a run.

    `settled` are the figures up to the provider's own delay, None if there are none: only a difference in them is old
    enough to count.
    """
    if now.agrees:
        return Verdict.AGREES
    if settled is None or settled.agrees or settled.explained:
        return Verdict.WAITS
    return Verdict.DIFFERS
