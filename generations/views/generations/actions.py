"""Actions on one picture; each answers with a redirect, or with the changed card for htmx."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.access import current_user, editable_or_403, generation_or_404, require
from generations.models import Generation, State, User
from generations.permissions import Verb, role_of
from generations.queries.gallery.gallery import is_starred
from generations.queries.provider import pauses
from generations.queries.sharing.share_links import is_seen_by_link
from generations.services.generations import actions
from generations.services.orders import submit
from generations.views.cards.cards import Progress, build_card
from generations.views.cards.page_totals import figures, origin_of
from generations.views.cards.polling import ChangedCards
from generations.views.cards.stacks import fitted
from generations.views.site.rendering import render_page
from generations.views.site.requests import get_next_url, is_htmx, require_post, set_current_url

STILL_MADE = gettext_lazy("This picture is still in progress. You can move it to trash once it's finished.")
SENT = gettext_lazy("Already sent to the provider, so it can't be cancelled. The picture will be kept.")
CANCELLED = gettext_lazy("Cancelled. Nothing was charged.")
SECOND_TRY = gettext_lazy("The second attempt is cancelled and wasn't charged. This changes nothing for the first one.")
# By the state that the picture has reached meanwhile.
TOO_LATE = {
    State.CANCELLED: gettext_lazy("It's already cancelled."),
    State.UNKNOWN: gettext_lazy("Too late to cancel: it's no longer queued."),
    State.FAILED: gettext_lazy("It has already failed, so there's nothing to cancel."),
}


@require_post
def favourite(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    require(user, row.team, Verb.FAVOURITE)
    actions.toggle_favourite(actor=user, generation=row)
    return _answer(request, user, row, reverse("detail", args=[row.id]))


@require_post
def delete(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = editable_or_403(user, generation)
    if not actions.delete(generation=row):
        if row.deleted_at is None:
            messages.error(request, STILL_MADE)
    elif not is_htmx(request):
        # Django's messages carry no link: _toast.html renders a tag that is a path as the button "Undo".
        messages.success(request, _("Moved to trash."), extra_tags=reverse("restore", args=[row.id]))
    return _answer(request, user, row, _gallery(row))


@require_post
def restore(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = editable_or_403(user, generation)
    if not actions.restore(generation=row):
        messages.error(request, _("This picture is no longer in the trash."))
    elif not is_htmx(request):
        messages.success(request, _("Restored."))
    return _answer(request, user, row, _gallery(row))


@require_post
def cancel(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = editable_or_403(user, generation)
    taken_back = submit.cancel(actor=user, generation=row)
    pauses.clear_cache()
    row = generation_or_404(user, generation)
    if not taken_back:
        messages.error(request, TOO_LATE.get(State(row.state), SENT))
    elif not is_htmx(request):
        messages.success(request, SECOND_TRY if row.state == State.UNKNOWN else CANCELLED)
    return _answer(request, user, row, _gallery(row))


def _answer(request: HttpRequest, user: User, row: Generation, otherwise: str) -> HttpResponse:
    """Return the changed card to htmx; else redirect to the page of the form if it is ours, or to `otherwise`."""
    back = get_next_url(request) or otherwise
    if not is_htmx(request):
        return redirect(back)
    set_current_url(request, back)
    row = generation_or_404(user, row.id)
    row.starred = is_starred(row, user)  # type: ignore[attr-defined]  # as the gallery's query does
    row.linked = is_seen_by_link(row)  # type: ignore[attr-defined]
    page = origin_of(back, user, row.team)
    card = build_card(row, user, role_of(user, row.team), Progress.of([row]), page.query)
    cards = fitted([card], [row], row.team, user, search=page.search, collapsed=page.collapsed)
    moved = figures(page.place, page.search, row.team, user, [row])
    return render_page(request, "cards/_card_changed.html", ChangedCards(cards, moved))


def _gallery(row: Generation) -> str:
    return reverse("gallery", args=[row.team.slug])
