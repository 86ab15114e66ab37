"""The queue of a team."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from generations.permissions import role_of
from generations.queries.orders import queue_age
from generations.queries.orders.approvals import pending_count
from generations.queries.orders.queue import queue_snapshot, team_queue
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.polling import version
from generations.views.site.banner import status_banner
from generations.views.site.formatting import age, clock
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx

MAX_LISTED = 200
NO_WORKER = "No worker has taken an order for a while. Nothing is lost: they start when one is back."


@dataclass(frozen=True)
class QueueRow:
    card: Card
    since: str


@dataclass(frozen=True)
class QueuePage:
    rows: list[QueueRow]
    poll_url: str
    summary: str
    ages: str
    worker_note: str
    asked: str


@require_safe
def queue(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    rows = list(team_queue(found, user)[:MAX_LISTED])
    role = role_of(user, found)
    cards = build_cards(rows, user, role)
    listed = [QueueRow(card, clock(row.created_at)) for card, row in zip(cards, rows, strict=True)]
    note = _worker_note(cards)
    ages = _ages() if cards else ""
    seen = version(cards, note + ages)
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    poll_url = f"{request.path}?seen={seen}" if cards else ""
    count = pending_count(found, user, role)
    asked = f"{count} order{' waits' if count == 1 else 's wait'} for a manager" if count else ""
    page = QueuePage(listed, poll_url, _summary(cards), ages, note, asked)
    return render_page(request, "orders/queue.html", page)


def _worker_note(cards: list[Card]) -> str:
    """Return a note when no worker takes generations; empty while generation is paused, which the banner shows."""
    waiting = any(card.phase == "waiting" for card in cards)
    return NO_WORKER if waiting and status_banner() is None and queue_snapshot().stalled else ""


def _ages() -> str:
    """Return the longest wait and run time over all teams, because they share the workers and the provider account."""
    parts = {
        "the longest wait": age(queue_age.oldest_waiting()),
        "the longest drawing": age(queue_age.oldest_running()),
    }
    return ", ".join(f"{words} is {value}" for words, value in parts.items() if value)


def _summary(cards: list[Card]) -> str:
    waiting, undelivered = (sum(card.phase == phase for card in cards) for phase in ("waiting", "downloading"))
    drawing = len(cards) - waiting - undelivered
    parts = {"being drawn": drawing, "not delivered yet": undelivered, "waiting": waiting}
    return ", ".join(f"{count} {words}" for words, count in parts.items() if count)
