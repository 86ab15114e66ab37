"""Periods of days in the site's time zone, first and last day included."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from generations import ledger

# Days; more would be expensive for figures that have no daily totals, and of little use on a page.
MAX_DAYS = 400
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A period of 1 to MAX_DAYS days; entries belong to the day on which they were written. Raises ValueError."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 1 <= self.length <= MAX_DAYS:
            raise ValueError(f"A period has from 1 to {MAX_DAYS} days; {self.first} to {self.last} has {self.length}.")

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> Iterator[date]:
        return (self.first + n * ONE_DAY for n in range(self.length))

    @property
    def since(self) -> datetime:
        return ledger.midnight(self.first)

    @property
    def until(self) -> datetime:
        """Return the first moment after the period."""
        return ledger.midnight(self.last + ONE_DAY)

    @property
    def is_month(self) -> bool:
        return self == month_around(self.first)

    @property
    def before(self) -> "Period":
        """Return the period to compare with: as many days before it, or for a month the previous month."""
        if self.is_month:
            return month_around(self.first - ONE_DAY)
        return Period(self.first - self.length * ONE_DAY, self.first - ONE_DAY)

    @property
    def so_far(self) -> "Period | None":
        """Return the period's days up to today; None if it has not begun."""
        now = today()
        return Period(self.first, min(self.last, now)) if self.first <= now else None


def today() -> date:
    """Return the present day in the site's time zone."""
    return timezone.localdate()


def last_days(count: int) -> Period:
    """Return the period of `count` days that ends today."""
    return Period(today() - (count - 1) * ONE_DAY, today())


def month_around(day: date) -> Period:
    """Return the month that contains `day`."""
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
