"""Numbers, times and states as people read them."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from generations.queries.generations.attempt_history import DurationRange
from generations.queries.spending.prices import Price


def dollars(amount: Decimal | None, *, places: int = 4, estimated: bool = False) -> str:
    """Format an amount: four places for a picture, two for a sum; estimates are marked; unknown is empty."""
    if amount is None:
        return ""
    return f"{'≈ ' if estimated else ''}{'−' if amount < 0 else ''}${abs(amount):,.{places}f}"


def price_hint(price: Price) -> str:
    """Return the source of the price on the button."""
    if not price.pictures:
        return "list price so far"
    low, high = dollars(price.low), dollars(price.high)
    span = low if low == high else f"{low}–{high.removeprefix('$')}"
    return f"usually {span}, from our last {price.pictures}"


def lasting(span: DurationRange) -> str:
    """Return a range such as `8–20 s` or `1–3 min`: minutes when the upper end is over ninety seconds."""
    if span.high <= 90:
        return str(span)
    low, high = span.low // 60, -(-span.high // 60)
    return f"{low or 'under 1'}–{high} min" if low != high else f"{high} min"


def ordinal(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def clock(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%H:%M")


def day_name(day: date) -> str:
    today = timezone.localdate()
    ago = (today - day).days
    if ago == 0:
        return "Today"
    if ago == 1:
        return "Yesterday"
    text = f"{day:%A}, {day.day} {day:%B}"
    return text if day.year == today.year else f"{text} {day.year}"


def last_day(end: datetime) -> str:
    """Return the last day on which something works that ends at that moment; midnight counts to the day before."""
    day = timezone.localdate(end - timedelta(microseconds=1))
    year = "" if day.year == timezone.localdate().year else f" {day.year}"
    return f"{day.day} {day:%B}{year}"


def day_and_clock(moment: datetime) -> str:
    day = day_name(timezone.localdate(moment))
    return f"{day.lower() if day in {'Today', 'Yesterday'} else day} {clock(moment)}"


def since(moment: datetime) -> str:
    """Return the time of day, preceded by the day unless it is today."""
    return day_and_clock(moment).removeprefix("today ")


def to_the_second(moment: datetime) -> str:
    """Return the moment for evidence: `at 14:02:11`, with the day when it is not today."""
    local = timezone.localtime(moment)
    day = day_name(local.date())
    before = {"Today": "", "Yesterday": "yesterday "}.get(day, f"on {day} ")
    return f"{before}at {local:%H:%M:%S}"


def age(seconds: float | None) -> str:
    """Return a rough age, because a page that is polled must not change every second."""
    if seconds is None:
        return ""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"


def pictures(count: int, limit: int | None = None) -> str:
    if limit is not None and count > limit:
        return f"{limit:,}+ pictures"
    return f"{count:,} picture{'' if count == 1 else 's'}"


def file_size(size: int) -> str:
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{max(1, round(size / 1024))} KB"


def an(noun: str) -> str:
    """Return the noun with its article: `a member`, `an owner`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def shortened(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"
