"""Will it last? What a month is going to cost at the pace of the last weeks, and how long the credits do."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from generations.models import PLACES, BalanceReading
from generations.queries.review.figures import NOTHING, by_day, totals
from generations.queries.review.period import A_DAY, Period, month_around, today
from generations.queries.review.scope import Scope

# Days before today whose pace counts; what was longer ago says little about next week.
LOOKED_AT = 28
# Of as many months as not, one in ten ends below and one in ten above, if days were independent of each other.
EIGHTY_PER_CENT = Decimal("1.2816")


@dataclass(frozen=True)
class Forecast:
    """US dollars at the end of this month, and what lies within the range four times in five; `pace` is a day's.

    `days` is how many days the pace comes from; with fewer than three there is no range worth the name.
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
    """The month so far, and for the days that come the mean of the latest days that are over; the range from how they
    differ. A team's days before its first charge do not count."""
    now = today()
    month = month_around(now)
    so_far = totals(scope, Period(month.first, now)).spent
    days = _latest(scope)
    left = (month.last - now).days
    pace = sum(days, NOTHING) / len(days) if days else NOTHING
    spread = _deviation(days, pace) * Decimal(left).sqrt() * EIGHTY_PER_CENT
    expected = so_far + pace * left
    low, high = max(so_far, expected - spread), expected + spread
    expected, low, high, pace = (one.quantize(PLACES) for one in (expected, low, high, pace))
    return Forecast(expected, low, high, pace, len(days))


def days_of_credit() -> Decimal | None:
    """How many days the provider's balance lasts at the pace of all teams; None when it is not known, or nothing is
    being spent."""
    reading: BalanceReading | None = BalanceReading.objects.of_this_provider("read_at").order_by("-id").first()
    days = _latest(Scope())
    spent = sum(days, NOTHING)
    if reading is None or not spent:
        return None
    return (reading.total * len(days) / spent).quantize(Decimal("0.1"))


def _latest(scope: Scope) -> list[Decimal]:
    now = today()
    lines = by_day(scope, Period(now - timedelta(days=LOOKED_AT), now - A_DAY))
    first = next((n for n, one in enumerate(lines) if one.charges or one.spent), len(lines))
    return [one.spent for one in lines[first:]]


def _deviation(days: list[Decimal], mean: Decimal) -> Decimal:
    if len(days) < 2:
        return NOTHING
    return (sum(((one - mean) ** 2 for one in days), NOTHING) / (len(days) - 1)).sqrt()
