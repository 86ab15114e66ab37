"""The figures at the top of the page of credits; each links to its entries."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.permissions import may_see_balance
from generations.queries.spending.limits import lowest_month_limit
from generations.queries.spending.review import Period, Totals, credit_left, forecast, month_around, today, totals
from generations.queries.spending.review.held import ReservedMoney, reserved_now
from generations.queries.spending.review.period import ONE_DAY
from generations.views.site.formatting import day_and_clock, dollars, exact_dollars, number, percent, total_dollars
from generations.views.spending.review_context import ReviewContext

# From this factor on, growth is shown as a factor instead of per cent.
TIMES = 4


@dataclass(frozen=True)
class LimitBar:
    """What is left of the monthly limit; `filled` is the used part in per cent, `tone` good or bad."""

    left: str
    most: str
    filled: int
    tone: str
    tick: int = 0


@dataclass(frozen=True)
class Figure:
    """A figure with its notes; `url` leads to its entries, `exact` is the whole amount. A `bad` one is marked."""

    label: str
    value: str
    notes: list[str]
    url: str = ""
    bad: bool = False
    exact: str = ""
    limit: LimitBar | None = None


def summary_figures(review: ReviewContext, whole: Totals, budget: Decimal | None) -> list[Figure]:
    held = reserved_now(review.team, None if review.can_see_all else review.user)
    limit = _limit_bar(whole, held, budget) if budget and review.asked.period == month_around(today()) else None
    found = [_spent(review, whole, limit), _forecast(review, budget), _held(review, held), _failed(review, whole)]
    if whole.undelivered_count:
        found.insert(3, _undelivered(review, whole))
    if may_see_balance(review.user, reviews=review.can_see_all):
        found.append(_left(reverse("provider") if review.user.is_superuser else ""))
    return found


def _limit_bar(whole: Totals, held: ReservedMoney, budget: Decimal) -> LimitBar:
    """Return the use of the limit as the ledger counts it: spent and reserved."""
    used = whole.spent + held.total
    per_cent = max(0, min(100, int(used * 100 / budget)))
    left = dollars(max(Decimal(0), budget - used), places=2)
    return LimitBar(left, dollars(budget, places=2), per_cent, "bad" if used >= budget else "good")


def _spent(review: ReviewContext, whole: Totals, limit: LimitBar | None) -> Figure:
    notes = [calls(whole.charges), _compared(review, whole.spent)]
    if whole.estimated_count:
        notes.append(_("%(amount)s of it is estimated") % {"amount": total_dollars(whole.estimated, estimated=True)})
    return Figure(
        _("Spent"),
        total_dollars(whole.spent),
        [note for note in notes if note],
        review.url("credits_entries"),
        exact=exact_dollars(whole.spent),
        limit=limit,
    )


def _compared(review: ReviewContext, spent: Decimal) -> str:
    """Return the change from the period before; while a month runs, from as many days of the month before."""
    period, before = review.asked.period, review.asked.period.before
    so_far = period.so_far
    if so_far is None:
        return ""
    runs = so_far.length < period.length
    name = _name_of_earlier(before, runs=runs)
    if runs:
        before = Period(before.first, min(before.last, before.first + (so_far.length - 1) * ONE_DAY))
    earlier = totals(review.scope, before).spent
    if earlier <= 0:
        return _("No spending in %(period)s") % {"period": name}
    change = (spent - earlier) / earlier
    if change >= TIMES:
        return _("%(times)s× %(period)s") % {"times": number(spent / earlier), "period": name}
    changed = {"percent": percent(float(abs(change))), "period": name}
    if round(change * 100) == 0:
        return _("Same as %(period)s") % changed
    return (_("▲ %(percent)s vs. %(period)s") if change > 0 else _("▼ %(percent)s vs. %(period)s")) % changed


def _name_of_earlier(before: Period, *, runs: bool) -> str:
    """Return the name of the period before, for the end of a comparison; `runs` while the shown one is not over."""
    if before.is_month:
        return _("the same period last month") if runs else date_format(before.first, "F")
    if before.length == 1:
        return _("the day before")
    text = (
        ngettext("the same part of the day before", "the same part of the %(count)s days before", before.length)
        if runs
        else ngettext("the day before", "the %(count)s days before", before.length)
    )
    return text % {"count": number(before.length)}


def _held(review: ReviewContext, held: ReservedMoney) -> Figure:
    text = ngettext("%(count)s picture in progress", "%(count)s pictures in progress", held.in_progress)
    notes = [text % {"count": number(held.in_progress)} if held.in_progress else _("No pictures in progress")]
    if held.doubts:
        text = ngettext(
            "%(amount)s for %(count)s picture with unknown outcome",
            "%(amount)s for %(count)s pictures with unknown outcome",
            held.doubts,
        )
        notes.append(text % {"amount": total_dollars(held.doubtful, estimated=True), "count": number(held.doubts)})
    doubts = reverse("gallery", args=[review.team.slug]) + "?state=unknown"
    url = doubts if held.doubts else reverse("queue", args=[review.team.slug]) if held.in_progress else ""
    value = total_dollars(held.total, estimated=bool(held.total))
    return Figure(_("Reserved"), value, notes, url, exact=exact_dollars(held.total))


def _failed(review: ReviewContext, whole: Totals) -> Figure:
    notes = [calls(whole.failed_count)] if whole.failed_count else list(filter(None, [_delivered(whole)]))
    url = review.url("credits_entries", by="outcome", key="failed") if whole.failed_count else ""
    value, exact = total_dollars(whole.failed), exact_dollars(whole.failed)
    return Figure(_("Failed but charged"), value, notes, url, exact=exact)


def _delivered(whole: Totals) -> str:
    if whole.doubtful_count:
        return ngettext(
            "%(count)s paid picture not delivered, outcome unknown",
            "%(count)s paid pictures not delivered, outcome unknown",
            whole.doubtful_count,
        ) % {"count": number(whole.doubtful_count)}
    return "" if whole.undelivered_count else _("No charges for failed pictures")


def _undelivered(review: ReviewContext, whole: Totals) -> Figure:
    url = review.url("credits_entries", by="outcome", key="waiting")
    value, exact = total_dollars(whole.undelivered), exact_dollars(whole.undelivered)
    return Figure(_("Charged, not delivered yet"), value, [calls(whole.undelivered_count)], url, exact=exact)


def _forecast(review: ReviewContext, budget: Decimal | None) -> Figure:
    found = forecast(review.scope)
    notes = [_range(found.low, found.high) if found.is_sound else _("Not enough days for a range yet")]
    if budget is not None:
        notes.append(_("Limit: %(amount)s per month") % {"amount": dollars(budget, places=2)})
        if found.expected > budget:
            notes.append(_("Over the limit at this pace"))
    elif review.can_see_all:
        notes.append(_("No limit set"))
    return Figure(
        _("Forecast for %(month)s") % {"month": date_format(today(), "F")},
        total_dollars(found.expected, estimated=True),
        notes,
        bad=budget is not None and found.expected > budget,
        exact=exact_dollars(found.expected),
    )


def _range(low: Decimal, high: Decimal) -> str:
    amounts = {"low": dollars(low, places=2), "high": dollars(high, places=2)}
    if amounts["low"] == amounts["high"]:
        return _("80%% likely: %(low)s") % amounts
    return _("80%% likely: %(low)s–%(high)s") % amounts


def _left(url: str) -> Figure:
    left = credit_left()
    if left is None:
        return Figure(_("Provider balance"), "—", [_("Not read yet")], url)
    notes = [_("Lasts %(duration)s at the current pace") % {"duration": left.lasting}] if left.lasting else []
    notes.append(_("Read %(moment)s") % {"moment": day_and_clock(left.read_at)})
    return Figure(_("Provider balance"), total_dollars(left.total), notes, url, exact=exact_dollars(left.total))


def month_budget(review: ReviewContext) -> Decimal | None:
    """Return the lowest monthly limit of the team, or of the user when only their spending is shown."""
    return lowest_month_limit(review.team, None if review.can_see_all else review.user)


def calls(count: int) -> str:
    """Return the number of paid calls: mostly one picture each; a failed or repeated one counts as well."""
    return ngettext("%(count)s paid picture", "%(count)s paid pictures", count) % {"count": number(count)}
