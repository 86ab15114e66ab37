"""The timeline at the edge of the gallery: a link to each month since the oldest picture."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

from generations.models import Generation
from generations.queries.gallery.gallery import before_month_ends, first_day

# What fits in the height of a screen; of a longer history every second, third … month has a link.
MAX_MONTHS = 36


@dataclass(frozen=True)
class TimelineMonth:
    """A link to the newest pictures of a month; `year` is set on the first month of each year in the list."""

    label: str
    name: str
    year: str
    iso: str
    url: str


def timeline(rows: "QuerySet[Generation]", address: Callable[..., str]) -> list[TimelineMonth]:
    """Return the months from the newest to the oldest picture; none when all pictures are of one month.

    `address` returns the address of the page that begins before an id.
    """
    oldest = first_day(rows)
    months = _months(oldest, timezone.localdate()) if oldest else []
    months = months[:: -(-len(months) // MAX_MONTHS) or 1]
    if len(months) < 2:
        return []
    return [_month(month, before, address) for month, before in zip(months, [None, *months], strict=False)]


def _months(oldest: date, today: date) -> list[date]:
    """Return the first days of the months between two days, newest first."""
    numbers = range(today.year * 12 + today.month - 1, oldest.year * 12 + oldest.month - 2, -1)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _month(month: date, newer: date | None, address: Callable[..., str]) -> TimelineMonth:
    return TimelineMonth(
        label=date_format(month, pgettext("date format", "M")),
        name=date_format(month, "YEAR_MONTH_FORMAT"),
        year=str(month.year) if newer is None or newer.year != month.year else "",
        iso=month.isoformat()[:7],
        url=address(before=before_month_ends(month)) if newer else address(),
    )
