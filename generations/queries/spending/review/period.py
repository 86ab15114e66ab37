"""Days of the site's time zone, first and last one included."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from generations import ledger

# Days; a page of more would say little, and cost much where it cannot be answered from sums of days.
MAX_DAYS = 400
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Entries belong to the day on which they were written. Raises ValueError when it is empty or too long."""

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
        """The first moment after it."""
        return ledger.midnight(self.last + ONE_DAY)

    @property
    def is_month(self) -> bool:
        return self == month_around(self.first)

    @property
    def before(self) -> "Period":
        """What it is compared with: as many days before it; for a month the month before."""
        if self.is_month:
            return month_around(self.first - ONE_DAY)
        return Period(self.first - self.length * ONE_DAY, self.first - ONE_DAY)

    @property
    def so_far(self) -> "Period | None":
        """Its days up to today; None when none of them has come."""
        now = today()
        return Period(self.first, min(self.last, now)) if self.first <= now else None


def today() -> date:
    return timezone.localdate()


def last_days(count: int) -> Period:
    """That end today."""
    return Period(today() - (count - 1) * ONE_DAY, today())


def month_around(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
