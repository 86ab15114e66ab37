"""The spending of a team: figures, a chart of days and one breakdown; each figure links to its entries."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
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
from generations.views.provider.reconciliation_summary import ReconciliationSummary, reconciliation_summary
from generations.views.site.formatting import dollars, number, percent
from generations.views.site.rendering import render_page
from generations.views.spending.charts import Chart, ChartValue, chart_of, shares
from generations.views.spending.limit_rows import OwnLimits, build_own_limits
from generations.views.spending.review_context import (
    TABS,
    PeriodBar,
    ReviewContext,
    ReviewTab,
    periods,
    review_of,
    short_day,
)
from generations.views.spending.summary_figures import Figure, calls, month_budget, summary_figures

MAX_LINES = 50
# With more bars not every one has a label.
MAX_LABELS = 16
MONTH_DAYS = 31
FILES = {
    "person": gettext_lazy("By person"),
    "day": gettext_lazy("By day"),
    "size": gettext_lazy("By size"),
    "speed": gettext_lazy("By speed"),
    "collection": gettext_lazy("By collection"),
    "cost_centre": gettext_lazy("By cost centre"),
    "tag": gettext_lazy("By tag"),
    "prompt_group": gettext_lazy("By prompt"),
    "outcome": gettext_lazy("By outcome"),
}


@dataclass(frozen=True)
class LabelledRule:
    y: str
    label: str


@dataclass(frozen=True)
class SpendingChart:
    """The bars of the days; `note` is a sentence about the budget or that nothing was spent, empty without either."""

    drawn: Chart
    rules: list[LabelledRule]
    note: str
    dense: bool


@dataclass(frozen=True)
class DayLine:
    name: str
    charges: str
    spent: str
    url: str
    nothing: bool


@dataclass(frozen=True)
class BreakdownLine:
    """A line of a breakdown; an `aside` one is no value of its dimension."""

    name: str
    charges: str
    spent: str
    share: str
    per_cent: str
    url: str
    aside: bool


@dataclass(frozen=True)
class Breakdown:
    name: str
    tabs: list[ReviewTab]
    rows: list[BreakdownLine]
    spent: str
    charges: str
    url: str


@dataclass(frozen=True)
class FileLink:
    label: str
    note: str
    url: str


@dataclass(frozen=True)
class SignOffLink:
    """The way to the sign-off; `by` and `at` when the month is signed."""

    label: str
    url: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class CreditsPage:
    review: ReviewContext
    periods: PeriodBar
    numbers: list[Figure]
    chart: SpendingChart
    days: list[DayLine]
    breakdown: Breakdown
    worth_url: str
    files: list[FileLink]
    my_limits: OwnLimits
    agreement: ReconciliationSummary | None
    sign_off: SignOffLink | None
    printed: datetime


@require_safe
def credits_review(request: HttpRequest, team: str) -> HttpResponse:
    review = review_of(request, team)
    asked, scope = review.asked, review.scope
    whole = totals(scope, asked.period)
    days = by_day(scope, asked.period)
    budget = month_budget(review)
    page = CreditsPage(
        review=review,
        periods=periods(review, "credits", by=asked.by),
        numbers=summary_figures(review, whole, budget),
        chart=_chart(review, days, budget),
        days=[_day_line(review, one) for one in days],
        breakdown=breakdown(review, whole),
        worth_url=review.url("keep_rate"),
        files=_files(review),
        my_limits=build_own_limits(review.user, review.team, reviews=review.can_see_all),
        # Reconciliation covers the last days, whichever period is shown.
        agreement=reconciliation_summary() if review.can_see_all and asked.period.last >= today() else None,
        sign_off=_sign_off(review) if review.can_see_all else None,
        printed=timezone.localtime(),
    )
    return render_page(request, "spending/credits.html", page)


def _chart(review: ReviewContext, days: list[DayRow], budget: Decimal | None) -> SpendingChart:
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
    return SpendingChart(
        drawn=drawn,
        rules=[LabelledRule(rule.y, dollars(rule.amount, places=places)) for rule in drawn.rules],
        note=_note(days, pace),
        dense=len(days) > MAX_LABELS,
    )


def _note(days: list[DayRow], pace: Decimal | None) -> str:
    if not any(one.spent or one.charges for one in days):
        return _("No spending in this period.")
    return _("Limit spread evenly: %(amount)s per day") % {"amount": dollars(pace)} if pace else ""


def _days_of_month(period: Period) -> int:
    return month_around(min(period.last, today()) if period.first <= today() else period.first).length


def _label(day: date, count: int) -> str:
    if count <= MONTH_DAYS:
        return str(day.day)
    return date_format(day, pgettext("date format: short, below a chart", "j M"))


def _detail(one: DayRow) -> str:
    said = {"day": short_day(one.day), "amount": dollars(one.spent), "pictures": calls(one.charges)}
    return _("%(day)s: %(amount)s, %(pictures)s") % said


def _day_url(review: ReviewContext, one: DayRow) -> str:
    return review.url("credits_entries", by="day", key=one.day.isoformat()) if one.charges or one.spent else ""


def _day_line(review: ReviewContext, one: DayRow) -> DayLine:
    return DayLine(
        name=short_day(one.day),
        charges=number(one.charges),
        spent=dollars(one.spent),
        url=_day_url(review, one),
        nothing=not (one.charges or one.spent),
    )


def breakdown(review: ReviewContext, whole: Totals) -> Breakdown:
    """Return one grouping; its rows add up to the total, with one row for those that are not listed."""
    by = review.asked.by
    lines = spent_by(review.scope, review.asked.period, by)
    if by == "day":
        lines = [one for one in lines if one.spent or one.charges][::-1]
    shown, rest = lines[:MAX_LINES], lines[MAX_LINES:]
    names = names_of(review.team, by, [one.key for one in shown])
    rows = [
        _line(review, one, short_day(date.fromisoformat(one.key)) if by == "day" else names[one.key], whole, share)
        for one, share in zip(shown, shares([one.spent for one in shown]), strict=True)
    ]
    if rest:
        left = BreakdownRow("", sum((one.spent for one in rest), Decimal(0)), sum(one.charges for one in rest))
        text = ngettext("%(count)s more (in the download)", "%(count)s more (in the download)", len(rest))
        rows.append(replace(_line(review, left, text % {"count": number(len(rest))}, whole, "0.00"), url=""))
    return Breakdown(
        name=str(TABS[by]),
        tabs=[ReviewTab(str(TABS[one]), review.url(by=one), one == by) for one in review.dimensions],
        rows=rows,
        spent=dollars(whole.spent),
        charges=number(whole.charges),
        url=review.url("credits_entries"),
    )


def _line(review: ReviewContext, line: BreakdownRow, name: str, whole: Totals, share: str) -> BreakdownLine:
    by = review.asked.by
    of_all = float(line.spent / whole.spent) if whole.spent > 0 else 0
    return BreakdownLine(
        name=name,
        charges=number(line.charges).replace("-", "−"),
        spent=dollars(line.spent),
        share=share,
        per_cent=percent(of_all).replace("-", "−"),
        url="" if line.key == COUNTED_TWICE else review.url("credits_entries", by=by, key=line.key),
        aside=line.key in {"", COUNTED_TWICE},
    )


def _files(review: ReviewContext) -> list[FileLink]:
    by = review.asked.by
    return [
        FileLink(_("All entries"), "CSV", review.url("credits_csv")),
        FileLink(str(FILES[by]), "CSV", review.url("credits_breakdown", by=by)),
        FileLink(_("For FinOps tools"), "FOCUS 1.2, CSV", review.url("credits_focus")),
    ]


def _sign_off(review: ReviewContext) -> SignOffLink | None:
    """Return the sign-off of the shown month when it is over."""
    period = review.asked.period
    if not (period.is_month and period.last < today()):
        return None
    url = reverse("sign_off", args=[review.team.slug, f"{period.first:%Y-%m}"])
    row = signed_month(review.team, period.first)
    if row is None:
        return SignOffLink(_("Sign off %(month)s") % {"month": date_format(period.first, "F")}, url)
    return SignOffLink(_("View signed-off figures"), url, signer(row), row.signed_at)
