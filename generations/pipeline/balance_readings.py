"""Does the fall of the provider's balance agree with the ledger? Figures are US dollars, over all teams."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Now, Substr

from generations.conf import conf
from generations.models import SPENT, Attempt, AttemptState, BalanceReading, EntryType, LedgerEntry, Total, uuid7_min

DAY = timedelta(days=1)
# Attempts are found by their ids, the time of their reservation as a worker's clock saw it; that is indexed.
CLOCKS_DIFFER = timedelta(minutes=5)
ZERO = Decimal(0)
# The vendor adds floats up, and the cheapest picture costs hundreds of times this.
TOLERANCE = Decimal("1E-5")
# There is one an hour: so far from a doubt, hardly anybody would still believe it.
MAX_READINGS = 48
IN_DOUBT = Q(state=AttemptState.UNKNOWN) & (Q(cost=None) | Q(cost_estimated=True))


@dataclass(frozen=True)
class Comparison:
    """`fall` is what the account lost between two readings, `booked` what the calls charged in that time cost here:
    attempts, and checks of the provider, which are in the ledger alone.

    `doubts` of that time may explain a difference up to `doubtful`, the sum of their estimates. `estimated` when some
    of `booked` is this site's own estimate.
    """

    since: datetime
    until: datetime
    fall: Decimal
    booked: Decimal
    doubts: int
    doubtful: Decimal
    estimated: bool = False

    @property
    def difference(self) -> Decimal:
        """What the account lost beyond the books; below zero after a top-up."""
        return self.fall - self.booked


def compare(before: BalanceReading, after: BalanceReading) -> Comparison:
    attempts = between(before.read_at, after.read_at)
    booked = attempts.filter(~IN_DOUBT, cost__isnull=False)
    doubts = attempts.filter(IN_DOUBT).aggregate(count=Count("id"), total=Total("estimate"))
    checks = checks_between(before.read_at, after.read_at)
    charged = checks.filter(kind__in=SPENT).aggregate(total=Total("amount"), guessed=Count("id", Q(estimated=True)))
    owed = unsettled(checks).aggregate(count=Count("id"), total=Total("amount"))
    return Comparison(
        before.read_at,
        after.read_at,
        fall=before.total - after.total,
        booked=(booked.aggregate(total=Total("cost"))["total"] or ZERO) - (charged["total"] or ZERO),
        doubts=doubts["count"] + owed["count"],
        doubtful=(doubts["total"] or ZERO) - (owed["total"] or ZERO),
        estimated=bool(charged["guessed"]) or booked.filter(cost_estimated=True).exists(),
    )


def checks_between(since: datetime, until: datetime) -> "QuerySet[LedgerEntry]":
    """Entries of that time about paid calls that ordered no picture, and so have no attempt."""
    ids = Q(id__gte=uuid7_min(since - CLOCKS_DIFFER), id__lt=uuid7_min(until + CLOCKS_DIFFER))
    return LedgerEntry.objects.filter(ids, generation=None, attempt=None, created_at__gt=since, created_at__lte=until)


def unsettled(checks: "QuerySet[LedgerEntry]") -> "QuerySet[LedgerEntry]":
    """Holds that were not given back: their call is under way, or the check was killed in it."""
    number = Substr(OuterRef("cause"), len("hold:") + 1)
    back = LedgerEntry.objects.filter(kind=EntryType.RELEASE, cause=Concat(Value("release:"), number))
    return checks.filter(~Exists(back), kind=EntryType.HOLD)


def between(since: datetime, until: datetime) -> "QuerySet[Attempt]":
    """Attempts that were charged in this time, if they were: when their answer came, and within the deadline of a call
    where it came late. What was never answered counts by the time it was sent.
    """
    longest = timedelta(seconds=conf().timeout)
    slack = timedelta(seconds=conf().lease_seconds) + CLOCKS_DIFFER
    near = Attempt.objects.filter(id__gte=uuid7_min(since - slack), id__lt=uuid7_min(until + slack))
    begun = Q(answered_at__gte=since, sent_at__gte=since - longest)
    over = Q(answered_at__lte=until) | Q(sent_at__lte=until - longest)
    return near.filter((begun & over) | Q(answered_at=None, sent_at__range=(since, until)))


def latest() -> Comparison | None:
    """Over the last day, as far as there are readings."""
    recent = BalanceReading.objects.of_this_provider("read_at").filter(read_at__gt=Now() - DAY).order_by("read_at")
    first, last = recent.first(), recent.last()
    return compare(first, last) if first and last and first != last else None


def explains_without(doubt: Attempt) -> bool:
    """Whether the readings around a doubt, the later one after the provider's own delay, add up without it.

    Only readings at which no other call was under way count: such a call may have been charged on one side of the
    reading and be booked on the other, which would hide that the doubt was charged as well. False where there are
    none, and where anything else moved the balance, or an estimate may hide that it did: then nobody can tell.
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
    """The first of them, nearest first, at which no call but the doubt's was under way."""
    return next((one for one in readings[:MAX_READINGS] if not _others_under_way(one.read_at, doubt)), None)


def _others_under_way(moment: datetime, doubt: Attempt) -> bool:
    """Whether a call was being made that cost money, or may have. It is charged within the deadline, if it is."""
    began = moment - timedelta(seconds=conf().timeout)
    if checks_between(began, moment).filter(kind=EntryType.HOLD).exists():
        return True
    near = Attempt.objects.filter(id__gte=uuid7_min(began - CLOCKS_DIFFER), id__lt=uuid7_min(moment + CLOCKS_DIFFER))
    calls = near.filter(sent_at__gt=began, sent_at__lte=moment).exclude(
        Q(state=AttemptState.NOT_BILLED) | Q(id=doubt.id)
    )
    return calls.filter(Q(answered_at=None) | Q(answered_at__gt=moment)).exists()
