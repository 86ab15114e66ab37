"""Comparison of the fall of the provider's balance with the ledger. Amounts are US dollars, over all teams."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Now, Substr

from generations.conf import conf
from generations.models import SPENT, Attempt, AttemptState, BalanceReading, EntryType, LedgerEntry, Total, uuid7_min

DAY = timedelta(days=1)
# Attempts are filtered by their ids, which hold the time of the reservation by a worker's clock, because ids are
# indexed.
CLOCKS_DIFFER = timedelta(minutes=5)
ZERO = Decimal(0)
# The provider sums floats, and the cheapest picture costs hundreds of times this.
TOLERANCE = Decimal("1E-5")
# Readings are hourly. One that is two days away from an attempt proves little about it.
MAX_READINGS = 48
IN_DOUBT = Q(state=AttemptState.UNKNOWN) & (Q(cost=None) | Q(cost_estimated=True))


@dataclass(frozen=True)
class Comparison:
    """The fall of the balance between two readings beside what the ledger charges for the same time.

    `balance_decrease` is how far the account's balance fell. `booked` is the cost of the attempts of that time and of
    the checks of the provider, which are in the ledger alone. `unknown_count` is the number of calls of that time with
    an unknown outcome; they may explain a difference up to `unknown_amount`, the sum of their estimates. `estimated` is
    True when a part of `booked` is this site's own estimate.
    """

    since: datetime
    until: datetime
    balance_decrease: Decimal
    booked: Decimal
    unknown_count: int
    unknown_amount: Decimal
    estimated: bool = False

    @property
    def difference(self) -> Decimal:
        """Return the decrease of the balance that the ledger does not explain; negative after a top-up."""
        return self.balance_decrease - self.booked


def compare(before: BalanceReading, after: BalanceReading) -> Comparison:
    """Return the comparison between two readings of the balance."""
    attempts = between(before.read_at, after.read_at)
    booked = attempts.filter(~IN_DOUBT, cost__isnull=False)
    doubts = attempts.filter(IN_DOUBT).aggregate(count=Count("id"), total=Total("estimate"))
    checks = checks_between(before.read_at, after.read_at)
    charged = checks.filter(kind__in=SPENT).aggregate(total=Total("amount"), guessed=Count("id", Q(estimated=True)))
    owed = unsettled(checks).aggregate(count=Count("id"), total=Total("amount"))
    return Comparison(
        before.read_at,
        after.read_at,
        balance_decrease=before.total - after.total,
        booked=(booked.aggregate(total=Total("cost"))["total"] or ZERO) - (charged["total"] or ZERO),
        unknown_count=doubts["count"] + owed["count"],
        unknown_amount=(doubts["total"] or ZERO) - (owed["total"] or ZERO),
        estimated=bool(charged["guessed"]) or booked.filter(cost_estimated=True).exists(),
    )


def checks_between(since: datetime, until: datetime) -> "QuerySet[LedgerEntry]":
    """Return the entries of that time about paid calls that generate no picture and therefore have no attempt."""
    ids = Q(id__gte=uuid7_min(since - CLOCKS_DIFFER), id__lt=uuid7_min(until + CLOCKS_DIFFER))
    return LedgerEntry.objects.filter(ids, generation=None, attempt=None, created_at__gt=since, created_at__lte=until)


def unsettled(checks: "QuerySet[LedgerEntry]") -> "QuerySet[LedgerEntry]":
    """Return the holds without a release: their call is running, or its process was killed."""
    number = Substr(OuterRef("idempotency_key"), len("hold:") + 1)
    back = LedgerEntry.objects.filter(kind=EntryType.RELEASE, idempotency_key=Concat(Value("release:"), number))
    return checks.filter(~Exists(back), kind=EntryType.HOLD)


def between(since: datetime, until: datetime) -> "QuerySet[Attempt]":
    """Return the attempts that were charged in this time, if they were charged at all.

    The time of a charge is the time of the answer, and at the latest the deadline of the call. Attempts that were never
    answered count by the time they were sent.
    """
    longest = timedelta(seconds=conf().timeout)
    slack = timedelta(seconds=conf().lease_seconds) + CLOCKS_DIFFER
    near = Attempt.objects.filter(id__gte=uuid7_min(since - slack), id__lt=uuid7_min(until + slack))
    begun = Q(answered_at__gte=since, sent_at__gte=since - longest)
    over = Q(answered_at__lte=until) | Q(sent_at__lte=until - longest)
    return near.filter((begun & over) | Q(answered_at=None, sent_at__range=(since, until)))


def latest() -> Comparison | None:
    """Return the comparison over the readings of the last day; None with fewer than two readings."""
    recent = BalanceReading.objects.of_this_provider("read_at").filter(read_at__gt=Now() - DAY).order_by("read_at")
    first, last = recent.first(), recent.last()
    return compare(first, last) if first and last and first != last else None


def explains_without(doubt: Attempt) -> bool:
    """Return whether the balance around an attempt with an unknown outcome adds up without a charge for it.

    The later reading is at least the provider's own delay after the attempt. Only readings at which no other call was
    running count: such a call may be charged before the reading and posted after it, or the reverse, which would hide a
    charge for this attempt. Returns False without such readings, when anything else moved the balance, and when an
    estimate may hide a movement, because then nothing is proved.
    """
    if doubt.sent_at is None:
        return False
    settled = doubt.sent_at + timedelta(seconds=conf().history_lag)
    readings = BalanceReading.objects.of_this_provider("read_at")
    before = _quiet(readings.filter(read_at__lt=doubt.sent_at), doubt)
    after = _quiet(readings.filter(read_at__gt=settled).order_by("id"), doubt)
    if before is None or after is None:
        return False
    found = compare(before, after)
    return not found.estimated and abs(found.difference) < TOLERANCE


def _quiet(readings: "QuerySet[BalanceReading]", doubt: Attempt) -> BalanceReading | None:
    """Return the first of these readings at which no call but this attempt's was running."""
    return next((one for one in readings[:MAX_READINGS] if not _others_under_way(one.read_at, doubt)), None)


def _others_under_way(moment: datetime, doubt: Attempt) -> bool:
    """Return whether another call that may be charged was running. A call is charged within its deadline."""
    began = moment - timedelta(seconds=conf().timeout)
    if checks_between(began, moment).filter(kind=EntryType.HOLD).exists():
        return True
    near = Attempt.objects.filter(id__gte=uuid7_min(began - CLOCKS_DIFFER), id__lt=uuid7_min(moment + CLOCKS_DIFFER))
    calls = near.filter(sent_at__gt=began, sent_at__lte=moment).exclude(
        Q(state=AttemptState.NOT_BILLED) | Q(id=doubt.id)
    )
    return calls.filter(Q(answered_at=None) | Q(answered_at__gt=moment)).exists()
