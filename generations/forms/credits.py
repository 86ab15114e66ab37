"""Conversion of query strings to a period and dimension of the credits pages, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from generations.queries.spending.review import DIMENSIONS, MAX_DAYS, Period, last_days, month_around, today

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
DAY, WEEK, MONTH, DAYS = "day", "week", "month", "days"
MAX_KEY_LENGTH = 200


@dataclass(frozen=True)
class ReviewQuery:
    """What the address asks for.

    `choice` is how the period was chosen; `error` says what is wrong with the days in `typed`. `key` is the row of the
    dimension `by` whose entries are wanted; None for all.
    """

    period: Period
    choice: str
    by: str
    key: str | None = None
    error: str = ""
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, str]:
        """Return the period as query parameters."""
        if self.choice == MONTH:
            return {} if self.period == month_around(today()) else {"month": f"{self.period.first:%Y-%m}"}
        if self.choice == DAYS:
            return {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return {"when": self.choice}

    def days_query(self, **more: str) -> str:
        """Return the period as a query string of the gallery."""
        pairs = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat(), **more}
        return f"?{urlencode(pairs)}"

    def query(self, **more: str | None) -> str:
        """Return the query string with its question mark, empty without parameters. The value of a key may be empty."""
        pairs = self.words | {name: value for name, value in more.items() if value is not None}
        return f"?{urlencode(pairs)}" if pairs else ""


def review_query_from(query: Mapping[str, str], *, usual: str, groupings: tuple[str, ...] = DIMENSIONS) -> ReviewQuery:
    """Parse the query; unreadable values become this month and the usual dimension, wrong days set `error`."""
    by = query.get("by", "")
    by = by if by in groupings else usual
    key = _key(by, query["key"]) if "key" in query and query.get("by") == by else None
    typed = {name: query.get(name, "").strip()[:20] for name in ("from", "to")}
    if any(typed.values()):
        return _days(typed, by, key)
    month = _month(query.get("month", ""))
    when = query.get("when", "")
    if month:
        return ReviewQuery(month, MONTH, by, key)
    if when in {DAY, WEEK}:
        return ReviewQuery(last_days(1 if when == DAY else 7), when, by, key)
    return ReviewQuery(month_around(today()), MONTH, by, key)


def _key(by: str, text: str) -> str:
    """Return the key; an id that no database can hold becomes `nobody`."""
    text = text.replace("\0", "")[:MAX_KEY_LENGTH]
    return "nobody" if by == "person" and text and not (text.isascii() and text.isdigit() and len(text) < 16) else text


def _days(typed: dict[str, str], by: str, key: str | None) -> ReviewQuery:
    first, last = (_day(typed[name]) for name in ("from", "to"))
    error = _wrong(typed, first, last)
    if error:
        return ReviewQuery(month_around(today()), MONTH, by, key, error, typed)
    return ReviewQuery(Period(*_both(first, last)), DAYS, by, key, typed=typed)


def _wrong(typed: dict[str, str], first: date | None, last: date | None) -> str:
    for name, day in (("from", first), ("to", last)):
        if typed[name] and day is None:
            text = _("“%(typed)s” isn't a date. Enter one like 2026-11-28. This month is shown instead.")
            return text % {"typed": typed[name]}
    begins, ends = _both(first, last)
    if ends < begins:
        text = _("%(end)s is before %(start)s. Swap the dates. This month is shown instead.")
        return text % {"end": _said(ends), "start": _said(begins)}
    length = (ends - begins).days + 1
    if length > MAX_DAYS:
        text = _(
            "%(start)s to %(end)s is %(count)s days; the maximum is %(most)s. Choose a shorter period. This month is "
            "shown instead."
        )
        days = {"start": _said(begins), "end": _said(ends)}
        return text % {**days, "count": number_format(length, force_grouping=True), "most": number_format(MAX_DAYS)}
    return ""


def _said(day: date) -> str:
    """Return the day as the headings of these pages show it."""
    return date_format(day, "DATE_FORMAT")


def _both(first: date | None, last: date | None) -> tuple[date, date]:
    """Return both days; when one is missing, the period ends today or is that single day."""
    begins = first or last or today()
    return begins, last or max(begins, today())


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def _month(text: str) -> Period | None:
    day = _day(f"{text}-01")
    return month_around(day) if day and len(text) == len("2026-11") else None
