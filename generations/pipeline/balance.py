"""Does the fall of the provider's balance agree with the ledger? Figures are US dollars, over all teams."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Now

from generations.conf import conf
from generations.models import Attempt, AttemptState, BalanceReading

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Comparison:
    """`fall` is what the account lost between two readings, `booked` what attempts answered in that time cost here.

    `doubts` of that time may explain a difference up to `doubtful`, the sum of their estimates.
    """

    since: datetime
    until: datetime
    fall: Decimal
    booked: Decimal
    doubts: int
    doubtful: Decimal

    @property
    def difference(self) -> Decimal:
        """What the account lost beyond the books; below zero after a top-up."""
        return self.fall - self.booked


def compare(before: BalanceReading, after: BalanceReading) -> Comparison:
    between = (before.read_at, after.read_at)
    booked = Attempt.objects.filter(answered_at__range=between).aggregate(total=Sum("cost"))["total"]
    unsure = Attempt.objects.filter(state=AttemptState.UNKNOWN, cost=None, sent_at__range=between)
    doubts = unsure.aggregate(count=Count("id"), total=Sum("estimate"))
    return Comparison(
        *between, before.total - after.total, booked or Decimal(0), doubts["count"], doubts["total"] or Decimal(0)
    )


def latest() -> Comparison | None:
    """Over the last day, as far as there are readings."""
    recent = BalanceReading.objects.filter(read_at__gt=Now() - A_DAY).order_by("read_at")
    first, last = recent.first(), recent.last()
    return compare(first, last) if first and last and first != last else None


def explains_without(doubt: Attempt) -> bool:
    """Whether the readings around a doubt, the later one after the provider's own delay, add up without it.

    False where they are missing, and where anything else moved the balance: then nobody can tell.
    """
    settled = doubt.sent_at + timedelta(seconds=conf().history_lag) if doubt.sent_at else None
    if settled is None:
        return False
    before = BalanceReading.objects.filter(read_at__lt=doubt.sent_at).first()
    after = BalanceReading.objects.filter(read_at__gt=settled).last()
    if before is None or after is None:
        return False
    return abs(compare(before, after).difference) < doubt.estimate / 2
