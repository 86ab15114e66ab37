"""The keep rate: how many of the paid pictures were kept, the own ones first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.queries.spending.review import KEEP_RATE_DIMENSIONS, KeepRate, Scope, keep_rate
from generations.queries.spending.review.names import names_of
from generations.views.site.formatting import dollars, pictures
from generations.views.spending.charts import shares
from generations.views.spending.review_context import TABS, ReviewContext, periods, review_of

MAX_LINES = 50


@require_safe
def keep_rate_page(request: HttpRequest, team: str) -> HttpResponse:
    review = review_of(request, team)
    dimensions = [one for one in KEEP_RATE_DIMENSIONS if one in review.dimensions]
    by = review.asked.by if review.asked.by in dimensions else dimensions[0]
    cards = [_card("Yours", keep_rate(Scope(review.team, review.user), review.asked.period))]
    if review.can_see_all:
        cards.append(_card(f"All of {review.team}", keep_rate(review.scope, review.asked.period)))
    context: dict[str, Any] = {
        "review": review,
        "periods": periods(review, "keep_rate", by=by),
        "cards": cards,
        "name": TABS[by],
        "tabs": [{"label": TABS[one], "url": review.url("keep_rate", by=one), "on": one == by} for one in dimensions],
        "rows": _rows(review, by),
        "back_url": review.url(),
    }
    return render(request, "spending/keep_rate.html", context)


def _card(label: str, lines: list[KeepRate]) -> dict[str, Any]:
    if not lines:
        return {"label": label, "empty": True}
    (line,) = lines
    return {"label": label, "empty": False, **_figures(line)}


def _rows(review: ReviewContext, by: str) -> list[dict[str, Any]]:
    """Return rows sorted by name, because a list of people is no ranking; of families only the most expensive."""
    lines = sorted(keep_rate(review.scope, review.asked.period, by), key=lambda one: -one.spent)[:MAX_LINES]
    names = names_of(review.team, by, [one.key for one in lines])
    if by != "prompt_group":
        lines.sort(key=lambda one: names[one.key].casefold())
    lengths = shares([one.spent for one in lines])
    return [
        {
            "name": names[one.key], "url": review.url("credits_entries", by=by, key=one.key), "share": share,
            **_figures(one),
        }
        for one, share in zip(lines, lengths, strict=True)
    ]  # fmt: skip


def _figures(line: KeepRate) -> dict[str, str]:
    return {
        "pictures": f"{line.pictures:,}",
        "said": pictures(line.pictures),
        "spent": dollars(line.spent),
        "kept": f"{line.kept:,}",
        "per_cent": f"{line.kept_per_cent} %",
        "length": str(line.kept_per_cent),
        "per_kept": dollars(line.per_kept) or "—",
        "unseen": f"{line.unseen:,}",
        "unseen_spent": dollars(line.unseen_spent),
    }
