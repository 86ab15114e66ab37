"""One poll for all waiting cards of a page; it ends when none waits."""

import hashlib
import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations.access import current_user, team_or_404
from generations.forms.gallery import carried_from, query_of, search_from
from generations.models import Generation, Team, parse_uuid
from generations.permissions import role_of
from generations.queries.gallery.gallery import with_cards
from generations.queries.spending.team_totals import clear_cache
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.page_totals import PageAddress, figures
from generations.views.site.banner import status_banner
from generations.views.site.requests import set_team

MAX_POLLED = 200


@require_safe
def poll(request: HttpRequest, team: str) -> HttpResponse:
    """Return the watched cards, or 204 while they look the same as at the last poll."""
    user = current_user(request)
    found = team_or_404(user, team)
    set_team(request, found)
    # Includes deleted ones, so that a card that was cancelled in another tab shows it.
    rows = with_cards(Generation.objects.visible_to(user).of_team(found), user)
    watched = list(rows.filter(id__in=_ids(request.GET.get("ids", ""))))
    search = search_from(request.GET, user, found)
    query = query_of(search, **carried_from(request.GET))
    cards = build_cards(watched, user, role_of(user, found), query)
    if request.GET.get("seen") == version(cards):
        return HttpResponse(status=204)
    place = PageAddress.from_params(request.GET)
    page = parse_uuid(request.GET.get("page", ""))
    answer: dict[str, Any] = {"cards": cards, "live": polling(found, cards, query, page, place)}
    if ended := [row for row, card in zip(watched, cards, strict=True) if not card.waits]:
        clear_cache(found)
        answer["figures"] = figures(place, search, found, user, ended)
    return render(request, "cards/_poll_response.html", answer)


def polling(team: Team, cards: list[Card], query: str, page: uuid.UUID | None, place: PageAddress) -> dict[str, Any]:
    """Return the address of the poll: the watched cards, how they looked, and the filter that their links keep.

    `page` names the page of the feed. Each page that is loaded below another has its own poll until its last card is
    finished. `place` is the page that shows the totals.
    """
    waiting = [card for card in cards if card.waits]
    watched = {"ids": ",".join(card.id for card in waiting), "seen": version(waiting), "page": page or ""}
    said = urlencode(watched | place.words, safe=",")
    url = f"{reverse('poll', args=[team.slug])}{query}{'&' if query else '?'}{said}"
    return {"active": bool(waiting), "url": url, "id": f"live-{page or 'first'}"}


def version(cards: list[Card], more: str = "") -> str:
    """Return a text that changes when a card or another part of the page would look different."""
    why = status_banner()
    text = more + (why.version if why else "") + "".join(sorted(card.version for card in cards))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def _ids(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(part) for part in text.split(",")[:MAX_POLLED] if part]
    except ValueError:
        return []
