"""Two pictures side by side or overlaid, and their differences."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.access import pair_or_404
from generations.models import Attempt, Generation, User, parse_uuid
from generations.permissions import role_of
from generations.views.cards.cards import Card, build_cards
from generations.views.generations.parameter_differences import (
    ParameterDifference,
    outcome_differences,
    parameter_differences,
)
from generations.views.site.formatting import day_and_clock
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team

# Pictures whose ratios differ by less are the same shape and can be overlaid.
SAME_SHAPE = 0.02


@dataclass(frozen=True)
class ComparedPicture:
    card: Card
    letter: str
    large: str
    made: str


@dataclass(frozen=True)
class ComparePage:
    pictures: list[ComparedPicture]
    different: list[ParameterDifference]
    same: list[ParameterDifference]
    became: list[ParameterDifference]
    swap_url: str
    overlays: bool


@require_safe
def compare_images(request: HttpRequest, team: str) -> HttpResponse:
    """Compare the pictures that `?a=` and `?b=` name."""
    user, found = enter_team(request, team)
    ids = [parse_uuid(request.GET.get(side, "")) for side in ("a", "b")]
    if None in ids:
        raise Http404(_("This link doesn't name two pictures to compare. Select two in the gallery."))
    a, b = pair_or_404(user, found, [id_ for id_ in ids if id_])
    wishes = parameter_differences(a, b)
    attempts = {row.pk: _latest_first(row) for row in (a, b)}
    page = ComparePage(
        pictures=_pictures([a, b], user, role_of(user, found)),
        different=[one for one in wishes if not one.same],
        same=[one for one in wishes if one.same],
        became=outcome_differences(a, b, attempts),
        swap_url=address(a.team.slug, b, a),
        overlays=abs(a.width / a.height - b.width / b.height) < SAME_SHAPE,
    )
    return render_page(request, "generations/compare.html", page)


def address(slug: str, a: Generation, b: Generation) -> str:
    return f"{reverse('compare', args=[slug])}?a={a.pk}&b={b.pk}"


def _latest_first(row: Generation) -> Sequence[Attempt]:
    """Return the attempts, sorted in Python because they were prefetched with the rows."""
    return sorted(row.attempts.all(), key=lambda attempt: -attempt.number)


def _pictures(rows: list[Generation], user: User, role: str | None) -> list[ComparedPicture]:
    cards = build_cards(rows, user, role)
    return [
        ComparedPicture(card, letter, f"{card.action}thumb/1280.webp", day_and_clock(row.created_at))
        for card, row, letter in zip(cards, rows, "AB", strict=True)
    ]
