"""Numbers, times and states as people read them, in the language of the reader."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, get_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from generations.queries.generations.attempt_history import DurationRange
from generations.queries.spending.prices import Price


def number(value: Decimal | float, *, places: int = 0) -> str:
    """Format a number with the separators of the reader's language."""
    text = f"{value:,.{places}f}"
    point, thousands = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    return text if (point, thousands) == (".", ",") else text.translate({ord("."): point, ord(","): thousands})


def dollars(amount: Decimal | None, *, places: int = 4, estimated: bool = False) -> str:
    """Format an amount: four places for a picture, two for a sum; estimates are marked; unknown is empty."""
    if amount is None:
        return ""
    return f"{'≈ ' if estimated else ''}{'−' if amount < 0 else ''}${number(abs(amount), places=places)}"


def percent(share: float) -> str:
    """Format a share of one: 0.17 is `17%`."""
    return pgettext("percentage", "%(number)s%%") % {"number": number(100 * share)}


def price_hint(price: Price) -> str:
    """Return the source of the price on the button."""
    if not price.pictures:
        return _("list price")
    low, high = dollars(price.low), dollars(price.high)
    span = low if low == high else f"{low}–{high.removeprefix('$')}"
    return ngettext(
        "usually %(span)s, from the last picture on this site",
        "usually %(span)s, from the last %(count)s pictures on this site",
        price.pictures,
    ) % {"span": span, "count": number(price.pictures)}


def lasting(span: DurationRange) -> str:
    """Return a range such as `8–20 s` or `1–3 min`: minutes when the upper end is over ninety seconds."""
    if span.high <= 90:
        return str(span)
    low, high = span.low // 60, -(-span.high // 60)
    if low == high:
        return _("%(minutes)s min") % {"minutes": high}
    return _("%(low)s–%(high)s min") % {"low": low, "high": high} if low else _("up to %(high)s min") % {"high": high}


def clock(moment: datetime) -> str:
    return time_format(timezone.localtime(moment))


def day_name(day: date) -> str:
    today = timezone.localdate()
    ago = (today - day).days
    if ago == 0:
        return _("Today")
    return _("Yesterday") if ago == 1 else _weekday_and_day(day)


def day_label(day: date) -> tuple[str, str]:
    """Return weekday and day in short, for labels of which narrow ones leave the weekday out: `Fri`, `27 Nov`."""
    today = timezone.localdate()
    if (today - day).days in {0, 1}:
        return "", day_name(day)
    this_year = pgettext("date format", "j M") if day.year == today.year else pgettext("date format", "j M Y")
    return date_format(day, pgettext("date format", "D")), date_format(day, this_year)


def _weekday_and_day(day: date) -> str:
    this_year = day.year == timezone.localdate().year
    return date_format(day, pgettext("date format", "l, j F") if this_year else pgettext("date format", "l, j F Y"))


def short_day(day: date) -> str:
    """Return the day, without the year when it is this one."""
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == timezone.localdate().year else "DATE_FORMAT")


def last_day(end: datetime) -> str:
    """Return the last day on which something works that ends at that moment; midnight counts to the day before."""
    return short_day(timezone.localdate(end - timedelta(microseconds=1)))


def day_and_clock(moment: datetime) -> str:
    """Return day and time inside a sentence: `today 14:02`, `yesterday 14:02`, `Monday, 2 November 14:02`."""
    day, time = timezone.localdate(moment), clock(moment)
    ago = (timezone.localdate() - day).days
    if ago == 0:
        return _("today %(time)s") % {"time": time}
    if ago == 1:
        return _("yesterday %(time)s") % {"time": time}
    return _("%(day)s %(time)s") % {"day": _weekday_and_day(day), "time": time}


def since(moment: datetime) -> str:
    """Return the time of day, preceded by the day unless it is today."""
    return clock(moment) if timezone.localdate(moment) == timezone.localdate() else day_and_clock(moment)


def to_the_second(moment: datetime) -> str:
    """Return the moment for evidence: `at 14:02:11`, with the day when it is not today."""
    local = timezone.localtime(moment)
    time = time_format(local, pgettext("time format", "H:i:s"))
    ago = (timezone.localdate() - local.date()).days
    if ago == 0:
        return _("at %(time)s") % {"time": time}
    if ago == 1:
        return _("yesterday at %(time)s") % {"time": time}
    return _("on %(day)s at %(time)s") % {"day": _weekday_and_day(local.date()), "time": time}


def age(seconds: float | None) -> str:
    """Return a rough age, because a page that is polled must not change every second."""
    if seconds is None:
        return ""
    minutes = int(seconds // 60)
    if minutes < 1:
        return _("under a minute")
    if minutes < 120:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": number(minutes)}
    hours, days = minutes // 60, minutes // 1440
    if minutes < 2880:
        return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": number(hours)}
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}


def pictures(count: int, limit: int | None = None) -> str:
    if limit is not None and count > limit:
        return _("%(count)s+ pictures") % {"count": number(limit)}
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": number(count)}


def file_size(size: int) -> str:
    if size >= 1_048_576:
        return _("%(size)s MB") % {"size": number(size / 1_048_576, places=1)}
    return _("%(size)s KB") % {"size": number(max(1, round(size / 1024)))}


def shortened(text: str, length: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


def total_dollars(amount: Decimal, *, estimated: bool = False) -> str:
    """Format a sum with two places; with four where two would say that it is nothing."""
    places = 4 if amount and abs(amount) < Decimal("0.01") else 2
    return dollars(amount, places=places, estimated=estimated)


def exact_dollars(amount: Decimal) -> str:
    """Format an amount with all of its places, for the tooltip of a sum; at least four."""
    digits = f"{abs(amount):.10f}".rstrip("0")
    return dollars(amount, places=max(4, len(digits.partition(".")[2])))


def exact_moment(moment: datetime) -> str:
    """Return the moment by itself, as in a table: `14:02:11`, `Yesterday at 14:02:11`."""
    local = timezone.localtime(moment)
    time = time_format(local, pgettext("time format", "H:i:s"))
    ago = (timezone.localdate() - local.date()).days
    if ago == 0:
        return time
    if ago == 1:
        return _("Yesterday at %(time)s") % {"time": time}
    return _("%(day)s at %(time)s") % {"day": _weekday_and_day(local.date()), "time": time}
