"""The spending of a team: figures, a chart of days and one breakdown; each figure links to its entries."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations.queries.spending.review import (
    COUNTED_TWICE,
    BreakdownRow,
    DayRow,
    Period,
    Totals,
    by_day,
    month_around,
    spent_by,
    today,
    totals,
)
from generations.queries.spending.review.names import names_of
from generations.services.spending.sign_off import signed_month, signer
from generations.views.provider.reconciliation_summary import reconciliation_summary
from generations.views.site.formatting import dollars
from generations.views.spending.charts import ChartValue, chart_of, shares
from generations.views.spending.own_limits import build_own_limits
from generations.views.spending.review_context import TABS, ReviewContext, periods, review_of, short_day
from generations.views.spending.summary_figures import calls, month_budget, summary_figures

MAX_LINES = 50
# With more bars not every one has a label.
MAX_LABELS = 16
MONTH_DAYS = 31


@require_safe
def credits_review(request: HttpRequest, team: str) -> HttpResponse:
    review = review_of(request, team)
    asked, scope = review.asked, review.scope
    whole = totals(scope, asked.period)
    days = by_day(scope, asked.period)
    budget = month_budget(review)
    context: dict[str, Any] = {
        "review": review,
        "periods": periods(review, "credits", by=asked.by),
        "numbers": summary_figures(review, whole, budget),
        "chart": _chart(review, days, budget),
        "days": [_day_row(review, one) for one in days],
        "breakdown": breakdown(review, whole),
        "worth_url": review.url("keep_rate"),
        "files": _files(review),
        "my_limits": build_own_limits(review.user, review.team, reviews=review.can_see_all),
        # Reconciliation covers the last days, whichever period is shown.
        "agreement": reconciliation_summary() if review.can_see_all and asked.period.last >= today() else None,
        "sign_off": _sign_off(review) if review.can_see_all else None,
        "printed": timezone.localtime(),
    }
    return render(request, "spending/credits.html", context)


def _chart(review: ReviewContext, days: list[DayRow], budget: Decimal | None) -> dict[str, Any]:
    pace = budget / _days_of_month(review.asked.period) if budget else None
    every = max(1, -(-len(days) // MAX_LABELS))
    values = [
        ChartValue(
            max(one.spent, Decimal(0)), _label(one.day, len(days)), _detail(one), _day_url(review, one),
            marked=one.day == today(), rare=n % every != 0,
            spare=len(days) > MONTH_DAYS and n % (every * 4) != 0,
        )
        for n, one in enumerate(days)
    ]  # fmt: skip
    drawn = chart_of(values, pace)
    places = max(2, -int(drawn.rules[0].amount.normalize().as_tuple().exponent))
    return {
        "drawn": drawn,
        "rules": [{"y": rule.y, "label": dollars(rule.amount, places=places)} for rule in drawn.rules],
        "pace": f"budget pace {dollars(pace)} a day" if pace else "",
        "empty": not any(one.spent or one.charges for one in days),
        "dense": len(days) > MAX_LABELS,
    }


def _days_of_month(period: Period) -> int:
    return month_around(min(period.last, today()) if period.first <= today() else period.first).length


def _label(day: date, count: int) -> str:
    return str(day.day) if count <= MONTH_DAYS else f"{day.day} {day:%b}"


def _detail(one: DayRow) -> str:
    return f"{short_day(one.day)}: {dollars(one.spent)}, {calls(one.charges)}"


def _day_url(review: ReviewContext, one: DayRow) -> str:
    return review.url("credits_entries", by="day", key=one.day.isoformat()) if one.charges or one.spent else ""


def _day_row(review: ReviewContext, one: DayRow) -> dict[str, Any]:
    return {
        "name": short_day(one.day),
        "charges": f"{one.charges:,}",
        "spent": dollars(one.spent),
        "url": _day_url(review, one),
        "nothing": not (one.charges or one.spent),
    }


def breakdown(review: ReviewContext, whole: Totals) -> dict[str, Any]:
    """Return one grouping; its rows add up to the total, with one row for those that are not listed."""
    by = review.asked.by
    lines = spent_by(review.scope, review.asked.period, by)
    if by == "day":
        lines = [one for one in lines if one.spent or one.charges][::-1]
    shown, rest = lines[:MAX_LINES], lines[MAX_LINES:]
    names = names_of(review.team, by, [one.key for one in shown])
    rows = [
        _row(review, one, short_day(date.fromisoformat(one.key)) if by == "day" else names[one.key], whole, share)
        for one, share in zip(shown, shares([one.spent for one in shown]), strict=True)
    ]
    if rest:
        left = BreakdownRow("", sum((one.spent for one in rest), Decimal(0)), sum(one.charges for one in rest))
        rows.append({**_row(review, left, f"{len(rest):,} more, in the file", whole, "0.00"), "url": ""})
    return {
        "name": TABS[by],
        "tabs": [{"label": TABS[one], "url": review.url(by=one), "on": one == by} for one in review.dimensions],
        "rows": rows,
        "spent": dollars(whole.spent),
        "charges": f"{whole.charges:,}",
        "url": review.url("credits_entries"),
    }


def _row(review: ReviewContext, line: BreakdownRow, name: str, whole: Totals, share: str) -> dict[str, Any]:
    by = review.asked.by
    of_all = round(line.spent * 100 / whole.spent) if whole.spent > 0 else 0
    return {
        "name": name,
        "charges": f"{line.charges:,}".replace("-", "−"),
        "spent": dollars(line.spent),
        "share": share,
        "per_cent": f"{of_all} %".replace("-", "−"),
        "url": "" if line.key == COUNTED_TWICE else review.url("credits_entries", by=by, key=line.key),
        "aside": line.key in {"", COUNTED_TWICE},
    }


def _files(review: ReviewContext) -> list[dict[str, str]]:
    by = review.asked.by
    return [
        {"label": "Every entry", "note": "CSV", "url": review.url("credits_csv")},
        {"label": f"By {TABS[by].lower()}", "note": "CSV", "url": review.url("credits_breakdown", by=by)},
        {"label": "For FinOps tools", "note": "FOCUS 1.2, CSV", "url": review.url("credits_focus")},
    ]


def _sign_off(review: ReviewContext) -> dict[str, Any]:
    """Return the sign-off of the shown month when it is over; else the link to the signed months."""
    period = review.asked.period
    if not (period.is_month and period.last < today()):
        return {"label": "Signed months", "url": reverse("sign_offs", args=[review.team.slug])}
    url = reverse("sign_off", args=[review.team.slug, f"{period.first:%Y-%m}"])
    row = signed_month(review.team, period.first)
    if row is None:
        return {"label": f"Sign off {period.first:%B}", "url": url}
    return {"label": f"{period.first:%B} is signed", "url": url, "by": signer(row), "at": row.signed_at}
