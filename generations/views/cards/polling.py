"""One poll for all waiting cards of a page; it ends when none waits."""

import hashlib
import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations.access import person, team_or_404
from generations.forms.gallery import kept_from, query_of, search_from
from generations.models import Generation, Team, id_from
from generations.permissions import role_of
from generations.queries.gallery.gallery import with_cards
from generations.queries.spending.team_totals import forget
from generations.views.cards.cards import Tile, tiles
from generations.views.cards.page_totals import Place, figures
from generations.views.site.banner import notice
from generations.views.site.requests import set_team

MAX_POLLED = 200


@require_safe
def poll(request: HttpRequest, team: str) -> HttpResponse:
    """The cards that were waiting when the page was made. 204 while they look the same as at the last poll."""
    user = person(request)
    found = team_or_404(user, team)
    set_team(request, found)
    # Deleted ones too: a card that was cancelled in another tab has to say so.
    rows = with_cards(Generation.objects.visible_to(user).of_team(found), user)
    watched = list(rows.filter(id__in=_ids(request.GET.get("ids", ""))))
    search = search_from(request.GET, user, found)
    query = query_of(search, **kept_from(request.GET))
    cards = tiles(watched, user, role_of(user, found), query)
    if request.GET.get("seen") == version(cards):
        return HttpResponse(status=204)
    place = Place.told(request.GET)
    page = id_from(request.GET.get("page", ""))
    answer: dict[str, Any] = {"tiles": cards, "live": live(found, cards, query, page, place)}
    if ended := [row for row, card in zip(watched, cards, strict=True) if not card.waits]:
        forget(found)
        answer["figures"] = figures(place, search, found, user, ended)
    return render(request, "cards/_poll_response.html", answer)


def live(team: Team, cards: list[Tile], query: str, page: uuid.UUID | None, place: Place) -> dict[str, Any]:
    """The poller's address: which cards it watches, how they looked, and the filter their pages follow.

    `page` names the page of the feed they stand on: each that was loaded has its own poller, until its last is drawn.
    `place` is that of the figures beside them.
    """
    waiting = [card for card in cards if card.waits]
    watched = {"ids": ",".join(card.id for card in waiting), "seen": version(waiting), "page": page or ""}
    said = urlencode(watched | place.words, safe=",")
    url = f"{reverse('live', args=[team.slug])}{query}{'&' if query else '?'}{said}"
    return {"active": bool(waiting), "url": url, "id": f"live-{page or 'first'}"}


def version(cards: list[Tile], more: str = "") -> str:
    """Changes whenever one of the cards, or what else the page says of them, would look different."""
    why = notice()
    text = more + (why.version if why else "") + "".join(sorted(card.version for card in cards))
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


def _ids(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(part) for part in text.split(",")[:MAX_POLLED] if part]
    except ValueError:
        return []
