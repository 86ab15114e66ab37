"""The queue of a team."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
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
from generations.views.site.formatting import age, pictures, time_text
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx, require_post

MAX_LISTED = 200
NO_REDIS = gettext_lazy("New pictures start with a delay. Nothing is lost; you don't need to submit anything again.")
NO_WORKER = gettext_lazy("No workers have picked up pictures recently. Nothing is lost; work resumes automatically.")
SUMMARY = {
    "drawing": ngettext_lazy("%(count)s generating", "%(count)s generating", "count"),
    "downloading": ngettext_lazy("%(count)s not delivered yet", "%(count)s not delivered yet", "count"),
    "waiting": ngettext_lazy("%(count)s queued", "%(count)s queued", "count"),
}


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
    listed = [QueueRow(card, time_text(row.created_at)) for card, row in zip(cards, rows, strict=True)]
    note = _worker_note(cards, snapshot)
    ages = _ages() if cards else ""
    seen = version(cards, note + ages)
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    poll_url = f"{request.path}?seen={seen}" if cards else ""
    count = pending_count(found, user, role)
    asked = ngettext(
        "%(count)s request is waiting for approval and isn't queued yet.",
        "%(count)s requests are waiting for approval and aren't queued yet.",
        count,
    ) % {"count": count}
    has_own = bool(cards) and has_queued(found, user)
    page = QueuePage(listed, poll_url, _summary(cards), ages, note, asked if count else "", has_own)
    return render_page(request, "orders/queue.html", page)


@require_post
def cancel_own(request: HttpRequest, team: str) -> HttpResponse:
    """Cancel all pictures of the user that still wait in this team; what was sent cannot be taken back."""
    user, found = enter_team(request, team)
    ended = submit.cancel_all(actor=user, team=found)
    # The banner of a pause shows the number of waiting pictures.
    pauses.clear_cache()
    text = (
        _("Cancelled %(pictures)s at no charge. Pictures already generating will finish.")
        if ended
        else _("You had nothing queued. Pictures already generating will finish.")
    )
    messages.success(request, text % {"pictures": pictures(ended)})
    return redirect("queue", found.slug)


def _worker_note(cards: list[Card], snapshot: QueueSnapshot) -> str:
    """Return a note when no worker takes generations; empty while generation is paused, which the banner shows."""
    if not any(card.phase == "waiting" for card in cards) or status_banner() is not None:
        return ""
    if health.redis():
        return str(NO_REDIS)
    return str(NO_WORKER) if snapshot.stalled else ""


def _ages() -> str:
    """Return the longest wait and run time over all teams, because they share the workers and the provider account."""
    ages = {"wait": age(queue_age.oldest_waiting()), "run": age(queue_age.oldest_running())}
    if ages["wait"] and ages["run"]:
        return _("Across all teams: longest wait %(wait)s, longest generation %(run)s") % ages
    if ages["wait"]:
        return _("Across all teams: longest wait %(wait)s") % ages
    return _("Across all teams: longest generation %(run)s") % ages if ages["run"] else ""


def _summary(cards: list[Card]) -> str:
    waiting, undelivered = (sum(card.phase == phase for card in cards) for phase in ("waiting", "downloading"))
    drawing = len(cards) - waiting - undelivered
    counts = {"drawing": drawing, "downloading": undelivered, "waiting": waiting}
    return ", ".join(SUMMARY[phase] % {"count": count} for phase, count in counts.items() if count)
