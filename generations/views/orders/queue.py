"""The queue of a team."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from generations import health
from generations.permissions import role_of
from generations.queries.orders import queue_age
from generations.queries.orders.approvals import pending_count
from generations.queries.orders.queue import QueueSnapshot, has_queued, queue_snapshot, team_queue_in_order
from generations.queries.provider import pauses
from generations.services.orders import submit
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.polling import version
from generations.views.site.banner import status_banner
from generations.views.site.formatting import age, clock, pictures
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx, require_post

MAX_LISTED = 200
NO_REDIS = "Starting new pictures is delayed. Nothing is lost, and nothing has to be sent again."
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
    has_own: bool


@require_safe
def queue(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    snapshot = queue_snapshot()
    rows = team_queue_in_order(found, user, snapshot, MAX_LISTED)
    role = role_of(user, found)
    cards = build_cards(rows, user, role, snapshot=snapshot)
    listed = [QueueRow(card, clock(row.created_at)) for card, row in zip(cards, rows, strict=True)]
    note = _worker_note(cards, snapshot)
    ages = _ages() if cards else ""
    seen = version(cards, note + ages)
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    poll_url = f"{request.path}?seen={seen}" if cards else ""
    count = pending_count(found, user, role)
    asked = f"{count} order{' waits' if count == 1 else 's wait'} for a manager" if count else ""
    has_own = bool(cards) and has_queued(found, user)
    page = QueuePage(listed, poll_url, _summary(cards), ages, note, asked, has_own)
    return render_page(request, "orders/queue.html", page)


@require_post
def cancel_own(request: HttpRequest, team: str) -> HttpResponse:
    """Cancel all pictures of the user that still wait in this team; what was sent cannot be taken back."""
    user, found = enter_team(request, team)
    ended = submit.cancel_all(actor=user, team=found)
    # The banner of a pause shows the number of waiting pictures.
    pauses.clear_cache()
    text = f"{pictures(ended)} cancelled, not charged." if ended else "You had nothing waiting."
    messages.success(request, f"{text} Pictures that are already being generated are finished and kept.")
    return redirect("queue", found.slug)


def _worker_note(cards: list[Card], snapshot: QueueSnapshot) -> str:
    """Return a note when no worker takes generations; empty while generation is paused, which the banner shows."""
    if not any(card.phase == "waiting" for card in cards) or status_banner() is not None:
        return ""
    if health.redis():
        return NO_REDIS
    return NO_WORKER if snapshot.stalled else ""


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
