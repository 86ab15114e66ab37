"""One poll for all waiting cards of a page; it ends when none waits."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations.forms.gallery import carried_from, is_collapsed, query_of, search_from
from generations.models import Team, parse_uuid
from generations.permissions import role_of
from generations.queries.gallery.gallery import find_with_cards
from generations.queries.spending.team_totals import clear_cache
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.page_totals import PageAddress, PageTotals, figures
from generations.views.cards.stacks import fitted
from generations.views.site.banner import status_banner
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team

MAX_POLLED = 200


@dataclass(frozen=True)
class Poller:
    """The element that asks for the waiting cards of a page of the feed; not `active` when none waits."""

    id: str
    url: str
    ids: str
    active: bool


@dataclass(frozen=True)
class ChangedCards:
    """Cards that are swapped in, the totals that they moved, and what asks for those that wait."""

    cards: list[Card]
    figures: PageTotals | None = None
    live: Poller | None = None


@require_safe
def poll(request: HttpRequest, team: str) -> HttpResponse:
    """Return the watched cards, with `alone` nothing else; 204 while they look the same as at the last poll."""
    user, found = enter_team(request, team)
    # Includes deleted ones, so that a card that was cancelled in another tab shows it.
    watched = find_with_cards(found, user, watched_ids([request.GET.get("ids", "")]))
    search = search_from(request.GET, user, found)
    query = query_of(search, **carried_from(request.GET))
    cards = build_cards(watched, user, role_of(user, found), query)
    if request.GET.get("seen") == version(cards):
        return HttpResponse(status=204)
    cards = fitted(cards, watched, found, user, search=search, collapsed=is_collapsed(request.GET, search))
    if "alone" in request.GET:
        return render_page(request, "cards/_cards_changed.html", ChangedCards(cards))
    place = PageAddress.from_params(request.GET)
    page = parse_uuid(request.GET.get("page", ""))
    moved = None
    if ended := [row for row, card in zip(watched, cards, strict=True) if not card.waits]:
        clear_cache(found)
        moved = figures(place, search, found, user, ended)
    live = polling(found, cards, query, page, place)
    return render_page(request, "cards/_poll_response.html", ChangedCards(cards, moved, live))


def polling(
    team: Team, cards: list[Card], query: str, page: uuid.UUID | None, place: PageAddress,
    *, also: Sequence[uuid.UUID] = (),
) -> Poller:  # fmt: skip
    """Return what asks for the waiting cards.

    Its address names them, how they looked, and the filter that their links keep. Of cards that the page watches
    already, `also`, it does not know how they look there, so its first answer has them all.

    `page` names the page of the feed. Each page that is loaded below another has its own poll until its last card is
    finished. `place` is the page that shows the totals.
    """
    waiting = [card for card in cards if card.waits]
    ids = ",".join([*(card.id for card in waiting), *map(str, also)])
    watched = {"ids": ids, "seen": "" if also else version(waiting), "page": page or ""}
    said = urlencode(watched | place.words, safe=",")
    url = f"{reverse('poll', args=[team.slug])}{query}{'&' if query else '?'}{said}"
    return Poller(f"live-{page or 'first'}", url, ids, active=bool(ids))


def version(cards: list[Card], more: str = "") -> str:
    """Return a text that changes when a card or another part of the page would look different."""
    why = status_banner()
    text = more + (why.version if why else "") + "".join(sorted(card.version for card in cards))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def watched_ids(texts: Iterable[str]) -> list[uuid.UUID]:
    """Return the ids in lists that are separated by commas, at most MAX_POLLED; none if one of them is no id."""
    try:
        return [uuid.UUID(part) for part in ",".join(texts).split(",")[:MAX_POLLED] if part]
    except ValueError:
        return []
