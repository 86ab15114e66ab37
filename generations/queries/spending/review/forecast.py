"""Forecasts: the cost of this month at the recent pace, and how long the provider's balance lasts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.models import PLACES, BalanceReading
from generations.queries.spending.review.figures import ZERO, by_day, totals
from generations.queries.spending.review.period import ONE_DAY, Period, month_around, today
from generations.queries.spending.review.scope import Scope

# Days before today that the forecast is based on; earlier ones predict little.
SAMPLE_DAYS = 28
# Days before today whose mean is the present pace; a whole week, because weekends differ from workdays.
RECENT_DAYS = 7
# Standard score of an 80 % interval: one month in ten ends below and one above, if days are independent.
EIGHTY_PER_CENT = Decimal("1.2816")


@dataclass(frozen=True)
class Forecast:
    """Spending by the end of this month, with the range of an 80 % interval, and the `pace` of a day; US dollars.

    `days` is how many days the pace is based on; with fewer than three the range is not reliable.
    """

    expected: Decimal
    low: Decimal
    high: Decimal
    pace: Decimal
    days: int

    @property
    def is_sound(self) -> bool:
        return self.days >= 3


def forecast(scope: Scope) -> Forecast:
    """Return the month so far plus the mean of the latest days for each day left.

    The range follows from the deviation of those days. Days before the scope's first charge do not count.
    """
    now = today()
    month = month_around(now)
    so_far = totals(scope, Period(month.first, now)).spent
    days = _latest(scope)
    left = (month.last - now).days
    pace = sum(days, ZERO) / len(days) if days else ZERO
    spread = _deviation(days, pace) * Decimal(left).sqrt() * EIGHTY_PER_CENT
    expected = so_far + pace * left
    low, high = max(so_far, expected - spread), expected + spread
    expected, low, high, pace = (one.quantize(PLACES) for one in (expected, low, high, pace))
    return Forecast(expected, low, high, pace, len(days))


@dataclass(frozen=True)
class CreditLeft:
    """The provider's balance at its last reading, and the `pace` of all teams in a day; US dollars.

    The pace is the mean of the latest `over` complete days, or today's spending while there is none. Days before the
    first charge do not count.
    """

    total: Decimal
    read_at: datetime
    pace: Decimal
    over: int

    @property
    def days(self) -> Decimal | None:
        """Return how many days the balance lasts at this pace; None while nothing is being spent."""
        return max(ZERO, self.total / self.pace) if self.pace > 0 else None

    def lasts_less_than(self, days: int) -> bool:
        return self.days is not None and self.total < self.pace * days

    @property
    def lasting(self) -> str:
        """Return `about 4 days`, rounded down; empty while nothing is being spent."""
        if self.days is None:
            return ""
        whole = int(self.days)
        if not whole:
            return _("less than a day")
        text = ngettext("about %(count)s day", "about %(count)s days", whole)
        return text % {"count": number_format(whole, force_grouping=True)}

    @property
    def basis(self) -> str:
        """Return what the pace is based on, with a note if that is less than RECENT_DAYS."""
        if self.over == RECENT_DAYS:
            return _("average of the last %(count)s days") % {"count": RECENT_DAYS}
        if not self.over:
            return _("today's spending so far; no earlier history yet")
        return ngettext(
            "yesterday's spending; no earlier history yet",
            "average of the last %(count)s days; no earlier history yet",
            self.over,
        ) % {"count": self.over}


def credit_left() -> CreditLeft | None:
    """Return the latest reading with the present pace; None while the balance was never read."""
    reading: BalanceReading | None = BalanceReading.objects.of_this_provider("read_at").order_by("-id").first()
    if reading is None:
        return None
    days = _latest(Scope())[-RECENT_DAYS:]
    spent = sum(days, ZERO) / len(days) if days else totals(Scope(), Period(today(), today())).spent
    return CreditLeft(reading.total, reading.read_at, spent.quantize(PLACES), len(days))


def _latest(scope: Scope) -> list[Decimal]:
    now = today()
    lines = by_day(scope, Period(now - timedelta(days=SAMPLE_DAYS), now - ONE_DAY))
    first = next((n for n, one in enumerate(lines) if one.charges or one.spent), len(lines))
    return [one.spent for one in lines[first:]]


def _deviation(days: list[Decimal], mean: Decimal) -> Decimal:
    if len(days) < 2:
        return ZERO
    return (sum(((one - mean) ** 2 for one in days), ZERO) / (len(days) - 1)).sqrt()
