"""The figures at the top of the page of credits; each links to its entries."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from generations.conf import conf
from generations.queries.spending.limits import lowest_month_limit
from generations.queries.spending.review import Period, Totals, credit_left, forecast, today, totals
from generations.queries.spending.review.held import reserved_now
from generations.queries.spending.review.period import ONE_DAY
from generations.views.site.formatting import dollars, pictures, since
from generations.views.spending.review_context import ReviewContext

# From this factor on, growth is shown as a factor instead of per cent.
TIMES = 4


@dataclass(frozen=True)
class Figure:
    """A figure with its notes; `url` leads to what it is made of. A `bad` one is marked."""

    label: str
    value: str
    notes: list[str]
    url: str = ""
    bad: bool = False


def summary_figures(review: ReviewContext, whole: Totals, budget: Decimal | None) -> list[Figure]:
    found = [_spent(review, whole), _held(review), _failed(review, whole), _forecast(review, budget)]
    if whole.undelivered_count:
        found.insert(2, _undelivered(review, whole))
    # The provider account belongs to all teams. Where everybody may create a team, its owner must not see the balance.
    if review.user.is_superuser or (review.can_see_all and not conf().everybody_makes_teams):
        found.append(_left(reverse("provider") if review.user.is_superuser else ""))
    return found


def _spent(review: ReviewContext, whole: Totals) -> Figure:
    notes = [calls(whole.charges), _compared(review, whole.spent)]
    if whole.estimated_count:
        notes.append(f"{dollars(whole.estimated, estimated=True)} of it estimated")
    return Figure("Spent", dollars(whole.spent), [note for note in notes if note], review.url("credits_entries"))


def _compared(review: ReviewContext, spent: Decimal) -> str:
    """Return the change from the period before; while a month runs, from as many days of the month before."""
    period, before = review.asked.period, review.asked.period.before
    name = f"{before.first:%B}" if before.is_month else f"the {before.length} days before"
    name = "the day before" if before.length == 1 else name
    so_far = period.so_far
    if so_far is None:
        return ""
    if so_far.length < period.length:
        before = Period(before.first, min(before.last, before.first + (so_far.length - 1) * ONE_DAY))
        name = f"{name} by then"
    earlier = totals(review.scope, before).spent
    if earlier <= 0:
        return f"nothing in {name}"
    change = round((spent - earlier) * 100 / earlier)
    if change >= TIMES * 100:
        return f"{round(spent / earlier):,} times {name}"
    if change == 0:
        return f"as much as {name}"
    return f"{abs(change):,} % {'over' if change > 0 else 'under'} {name}"


def _held(review: ReviewContext) -> Figure:
    held = reserved_now(review.team, None if review.can_see_all else review.user)
    notes = [f"{held.in_progress:,} being made" if held.in_progress else "nothing is being made"]
    if held.doubts:
        notes.append(f"{dollars(held.doubtful, estimated=True)} for {pictures(held.doubts)} in doubt")
    doubts = reverse("gallery", args=[review.team.slug]) + "?state=unknown"
    url = doubts if held.doubts else reverse("queue", args=[review.team.slug]) if held.in_progress else ""
    return Figure("Held now", dollars(held.total, estimated=bool(held.total)), notes, url)


def _failed(review: ReviewContext, whole: Totals) -> Figure:
    notes = [calls(whole.failed_count)] if whole.failed_count else list(filter(None, [_delivered(whole)]))
    url = review.url("credits_entries", by="outcome", key="failed") if whole.failed_count else ""
    return Figure("Failed but charged", dollars(whole.failed), notes, url)


def _delivered(whole: Totals) -> str:
    if whole.doubtful_count:
        return f"{calls(whole.doubtful_count)} not delivered, outcome unknown"
    return "" if whole.undelivered_count else "every paid picture was delivered"


def _undelivered(review: ReviewContext, whole: Totals) -> Figure:
    url = review.url("credits_entries", by="outcome", key="waiting")
    return Figure("Charged, not delivered yet", dollars(whole.undelivered), [calls(whole.undelivered_count)], url)


def _forecast(review: ReviewContext, budget: Decimal | None) -> Figure:
    found = forecast(review.scope)
    of = f"of {dollars(budget, places=2)} budget" if budget is not None else "no budget is set"
    of = of if review.can_see_all or budget is not None else ""
    span = f"{dollars(found.low, places=2)} – {dollars(found.high, places=2)}"
    notes = [f"{span}, four times in five" if found.is_sound else "too few days for a range", of]
    if budget is not None and found.expected > budget:
        notes.append("over the budget at this pace")
    return Figure(
        f"Forecast, {today():%B}",
        dollars(found.expected, places=2, estimated=True),
        [note for note in notes if note],
        bad=budget is not None and found.expected > budget,
    )


def _left(url: str) -> Figure:
    left = credit_left()
    if left is None:
        return Figure("Left at the provider", "—", ["its balance has not been read yet"], url)
    pace = f"{left.lasting} at the present pace" if left.lasting else ""
    notes = [note for note in (pace, f"read {since(left.read_at)}") if note]
    return Figure("Left at the provider", dollars(left.total), notes, url)


def month_budget(review: ReviewContext) -> Decimal | None:
    """Return the lowest monthly limit of the team, or of the user when only their spending is shown."""
    return lowest_month_limit(review.team, None if review.can_see_all else review.user)


def calls(count: int) -> str:
    """Return the number of paid calls: mostly one picture each; a failed or repeated one counts as well."""
    return f"{count:,} paid picture{'' if count == 1 else 's'}"
