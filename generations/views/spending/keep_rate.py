"""The keep rate: how many of the paid pictures were kept, the own ones first."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.folding import fold
from generations.queries.spending.review import KEEP_RATE_DIMENSIONS, KeepRate, Scope, keep_rate
from generations.queries.spending.review.names import names_of
from generations.views.site.formatting import dollars, exact_dollars, number, percent, pictures, total_dollars
from generations.views.site.rendering import render_page
from generations.views.spending.review_context import TABS, PeriodBar, ReviewContext, ReviewTab, periods, review_of

MAX_LINES = 50


@dataclass(frozen=True)
class KeepRateFigures:
    pictures: str
    spent: str
    per_cent: str
    length: str
    per_kept: str
    unseen: str
    unseen_spent: str


@dataclass(frozen=True)
class KeepRateFact:
    """A line of a card; `exact` is the whole amount."""

    label: str
    value: str
    exact: str


@dataclass(frozen=True)
class KeepRateCard:
    """The figures of all pictures; None when none was paid for."""

    label: str
    figures: KeepRateFigures | None
    facts: list[KeepRateFact]


@dataclass(frozen=True)
class KeepRateLine:
    name: str
    url: str
    figures: KeepRateFigures


@dataclass(frozen=True)
class KeepRatePage:
    review: ReviewContext
    periods: PeriodBar
    cards: list[KeepRateCard]
    name: str
    tabs: list[ReviewTab]
    rows: list[KeepRateLine]
    back_url: str


@require_safe
def keep_rate_page(request: HttpRequest, team: str) -> HttpResponse:
    review = review_of(request, team)
    dimensions = [one for one in KEEP_RATE_DIMENSIONS if one in review.dimensions]
    by = review.asked.by if review.asked.by in dimensions else dimensions[0]
    cards = [_card(_("Your pictures"), keep_rate(Scope(review.team, review.user), review.asked.period))]
    if review.can_see_all:
        cards.append(
            _card(
                _("All pictures in %(team)s") % {"team": review.team.name}, keep_rate(review.scope, review.asked.period)
            )
        )
    page = KeepRatePage(
        review=review,
        periods=periods(review, "keep_rate", by=by),
        cards=cards,
        name=str(TABS[by]),
        tabs=[ReviewTab(str(TABS[one]), review.url("keep_rate", by=one), one == by) for one in dimensions],
        rows=_rows(review, by),
        back_url=review.url(),
    )
    return render_page(request, "spending/keep_rate.html", page)


def _card(label: str, lines: list[KeepRate]) -> KeepRateCard:
    return KeepRateCard(label, _figures(lines[0]), _facts(lines[0])) if lines else KeepRateCard(label, None, [])


def _facts(line: KeepRate) -> list[KeepRateFact]:
    counted = _("%(count)s · %(amount)s")
    paid = {"count": pictures(line.pictures), "amount": total_dollars(line.spent)}
    kept = {"count": number(line.kept), "amount": dollars(line.per_kept)}
    unseen = {"count": number(line.unseen), "amount": total_dollars(line.unseen_spent)}
    return [
        KeepRateFact(_("Paid"), counted % paid, exact_dollars(line.spent)),
        KeepRateFact(_("Kept"), _("%(count)s · %(amount)s each") % kept if line.kept else kept["count"], ""),
        KeepRateFact(_("Never opened"), counted % unseen, exact_dollars(line.unseen_spent)),
    ]


def _rows(review: ReviewContext, by: str) -> list[KeepRateLine]:
    """Return rows sorted by name, because a list of people is no ranking; of families only the most expensive."""
    lines = sorted(keep_rate(review.scope, review.asked.period, by), key=lambda one: -one.spent)[:MAX_LINES]
    names = names_of(review.team, by, [one.key for one in lines])
    if by != "prompt_group":
        lines.sort(key=lambda one: fold(names[one.key]))
    return [
        KeepRateLine(names[one.key], review.url("credits_entries", by=by, key=one.key), _figures(one)) for one in lines
    ]


def _figures(line: KeepRate) -> KeepRateFigures:
    return KeepRateFigures(
        pictures=number(line.pictures),
        spent=dollars(line.spent),
        per_cent=percent(line.kept_per_cent / 100),
        length=str(line.kept_per_cent),
        per_kept=dollars(line.per_kept) or "—",
        unseen=number(line.unseen),
        unseen_spent=dollars(line.unseen_spent),
    )
