"""The figures at the top of the page of credits; each links to its entries."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from generations.conf import conf
from generations.models import Budget, Span
from generations.queries.spending.review import Period, Totals, credit_left, forecast, today, totals
from generations.queries.spending.review.held import reserved_now
from generations.queries.spending.review.period import ONE_DAY
from generations.views.site.formatting import dollars, pictures, since
from generations.views.spending.review_context import ReviewContext

# From this factor on, growth is shown as a factor instead of per cent.
TIMES = 4


def summary_figures(review: ReviewContext, whole: Totals, budget: Decimal | None) -> list[dict[str, Any]]:
    found = [_spent(review, whole), _held(review), _failed(review, whole), _forecast(review, budget)]
    if whole.undelivered_count:
        found.insert(2, _undelivered(review, whole))
    # The provider account belongs to all teams. Where everybody may create a team, its owner must not see the balance.
    if review.user.is_superuser or (review.can_see_all and not conf().everybody_makes_teams):
        found.append({**_left(), "url": reverse("provider") if review.user.is_superuser else ""})
    return found


def _spent(review: ReviewContext, whole: Totals) -> dict[str, Any]:
    notes = [calls(whole.charges), _compared(review, whole.spent)]
    if whole.estimated_count:
        notes.append(f"{dollars(whole.estimated, estimated=True)} of it estimated")
    return {
        "label": "Spent",
        "value": dollars(whole.spent),
        "url": review.url("credits_entries"),
        "notes": [note for note in notes if note],
    }


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


def _held(review: ReviewContext) -> dict[str, Any]:
    held = reserved_now(review.team, None if review.can_see_all else review.user)
    notes = [f"{held.in_progress:,} being made" if held.in_progress else "nothing is being made"]
    if held.doubts:
        notes.append(f"{dollars(held.doubtful, estimated=True)} for {pictures(held.doubts)} in doubt")
    doubts = reverse("gallery", args=[review.team.slug]) + "?state=unknown"
    return {
        "label": "Held now",
        "value": dollars(held.total, estimated=bool(held.total)),
        "url": doubts if held.doubts else reverse("queue", args=[review.team.slug]) if held.in_progress else "",
        "notes": notes,
    }


def _failed(review: ReviewContext, whole: Totals) -> dict[str, Any]:
    return {
        "label": "Failed but charged",
        "value": dollars(whole.failed),
        "url": review.url("credits_entries", by="outcome", key="failed") if whole.failed_count else "",
        "notes": [calls(whole.failed_count)] if whole.failed_count else list(filter(None, [_delivered(whole)])),
    }


def _delivered(whole: Totals) -> str:
    if whole.doubtful_count:
        return f"{calls(whole.doubtful_count)} not delivered, outcome unknown"
    return "" if whole.undelivered_count else "every paid picture was delivered"


def _undelivered(review: ReviewContext, whole: Totals) -> dict[str, Any]:
    return {
        "label": "Charged, not delivered yet",
        "value": dollars(whole.undelivered),
        "url": review.url("credits_entries", by="outcome", key="waiting"),
        "notes": [calls(whole.undelivered_count)],
    }


def _forecast(review: ReviewContext, budget: Decimal | None) -> dict[str, Any]:
    found = forecast(review.scope)
    of = f"of {dollars(budget, places=2)} budget" if budget is not None else "no budget is set"
    of = of if review.can_see_all or budget is not None else ""
    span = f"{dollars(found.low, places=2)} – {dollars(found.high, places=2)}"
    notes = [f"{span}, four times in five" if found.is_sound else "too few days for a range", of]
    if budget is not None and found.expected > budget:
        notes.append("over the budget at this pace")
    return {
        "label": f"Forecast, {today():%B}",
        "value": dollars(found.expected, places=2, estimated=True),
        "notes": [note for note in notes if note],
        "bad": budget is not None and found.expected > budget,
    }


def _left() -> dict[str, Any]:
    left = credit_left()
    if left is None:
        return {"label": "Left at the provider", "value": "—", "notes": ["its balance has not been read yet"]}
    pace = f"{left.lasting} at the present pace" if left.lasting else ""
    return {
        "label": "Left at the provider",
        "value": dollars(left.total),
        "notes": [note for note in (pace, f"read {since(left.read_at)}") if note],
    }


def month_budget(review: ReviewContext) -> Decimal | None:
    """Return the lowest monthly limit of the team, or of the user when only their spending is shown."""
    whose = None if review.can_see_all else review.user
    rows = Budget.objects.filter(team=review.team, person=whose, collection=None, span=Span.MONTH)
    limits = [one.hard if one.hard is not None else one.soft for one in rows]
    return min((one for one in limits if one is not None), default=None)


def calls(count: int) -> str:
    """Return the number of paid calls: mostly one picture each; a failed or repeated one counts as well."""
    return f"{count:,} paid picture{'' if count == 1 else 's'}"
