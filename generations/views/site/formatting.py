"""Numbers, times and states as people read them, in the language of the reader."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, get_format, time_format
from django.utils.html import format_html
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


class TimeText(str):
    """A date or a time as text, which a template shows as a `<time>` element.

    Inside an attribute, and in a sentence that is put together in Python, it is the plain text.
    """

    iso: str

    def __new__(cls, text: str, iso: str) -> "TimeText":
        made = super().__new__(cls, text)
        made.iso = iso
        return made

    @property
    def plain(self) -> str:
        return str(self)

    def __html__(self) -> str:
        return format_html('<time datetime="{}">{}</time>', self.iso, self.plain)


def clock(moment: datetime) -> str:
    return time_format(timezone.localtime(moment))


def time_text(moment: datetime) -> TimeText:
    """Return the time of day for lists that say the day above it."""
    return TimeText(clock(moment), timezone.localtime(moment).isoformat(timespec="seconds"))


def date_text(day: date) -> TimeText:
    """Return the day: `1 Dec 2026`."""
    return TimeText(date_format(day, "DATE_FORMAT"), day.isoformat())


def day_name(day: date) -> str:
    """Return the day as the heading of a list, where today and yesterday are what is looked for."""
    ago = (timezone.localdate() - day).days
    return {0: _("Today"), 1: _("Yesterday")}.get(ago) or date_text(day).plain


def day_label(day: date) -> tuple[str, str]:
    """Return weekday and day for the labels of the feed, of which narrow ones leave the weekday out: `Fri`, `27 Nov`.

    The only date in another form: a label of the feed is as narrow as a picture.
    """
    if (timezone.localdate() - day).days in {0, 1}:
        return "", day_name(day)
    text = date_format(day, "MONTH_DAY_FORMAT") if day.year == timezone.localdate().year else date_text(day).plain
    return date_format(day, pgettext("date format", "D")), text


def last_day(end: datetime) -> TimeText:
    """Return the last day on which something works that ends at that moment; midnight counts to the day before."""
    return date_text(timezone.localdate(end - timedelta(microseconds=1)))


def day_and_clock(moment: datetime) -> TimeText:
    """Return day and time: `today 14:02`, `yesterday 14:02`, `2 Nov 2026, 14:02`."""
    local = timezone.localtime(moment)
    today = {0: _("today %(time)s"), 1: _("yesterday %(time)s")}.get((timezone.localdate() - local.date()).days)
    text = today % {"time": clock(moment)} if today else date_format(local, "DATETIME_FORMAT")
    return TimeText(text, local.isoformat(timespec="seconds"))


def exact_moment(moment: datetime) -> TimeText:
    """Return day and time to the second, for evidence: `2 Nov 2026, 14:02:11`."""
    local = timezone.localtime(moment)
    seconds = time_format(local, pgettext("time format", "H:i:s"))
    text = _("%(day)s, %(time)s") % {"day": date_text(local.date()), "time": seconds}
    return TimeText(text, local.isoformat(timespec="seconds"))


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
