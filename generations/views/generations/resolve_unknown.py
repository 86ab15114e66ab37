"""Decisions of users about a picture whose outcome is unknown; each redirects to the picture."""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generations.access import current_user, editable_or_403, generation_or_404, require
from generations.errors import GalleryError
from generations.models import Generation, User, parse_uuid
from generations.permissions import Verb
from generations.queries.generations.attempts import unknown_attempts
from generations.services.generations import unknown_outcome
from generations.services.site import rate_limits
from generations.views.cards.unknown_outcome import is_paid
from generations.views.site.requests import get_next_url, reason_of, require_post

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CONFIRM = _("Nothing was sent. Tick the box first: a second attempt may be charged again.")
ALREADY_SETTLED = _(
    "This has already been resolved, by the provider's response or by someone else. Nothing was changed."
)
QUEUED = _("Queued again. The first attempt's outcome stays unknown until the provider reports it.")
WRITTEN_OFF = _("Marked as lost. Its estimated cost has been charged.")
QUEUED_PAID = _("Queued again. The cost of the first attempt stays in the ledger.")
WRITTEN_OFF_PAID = _("Marked as lost. Its cost had already been charged.")


@require_post
def look_up(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user, row = _get_editable(request, generation)
    rate_limits.acquire("provider_question", user=user)
    messages.info(request, unknown_outcome.look_up_now(generation=row))
    return _back(request, row)


@require_post
def retry(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    """Retry the attempt that the page showed: the user accepts a second charge for that one and no other."""
    user, row = _get_editable(request, generation)
    named = parse_uuid(request.POST.get("attempt", ""))
    if not request.POST.get("accept"):
        messages.error(request, CONFIRM)
    elif named is None:
        messages.error(request, ALREADY_SETTLED)
    else:
        done = QUEUED_PAID if _is_paid(row) else QUEUED
        _say(
            request,
            lambda: unknown_outcome.retry_accepting_second_charge(actor=user, generation=row, attempt_id=named),
            done,
        )
    return _back(request, row)


@require_post
def mark_lost(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    require(user, row.team, Verb.SETTLE)
    done = WRITTEN_OFF_PAID if _is_paid(row) else WRITTEN_OFF
    _say(request, lambda: unknown_outcome.mark_lost(actor=user, generation=row, reason=reason_of(request)), done)
    return _back(request, row)


def _get_editable(request: HttpRequest, generation: uuid.UUID) -> tuple[User, Generation]:
    user = current_user(request)
    row = editable_or_403(user, generation)
    require(user, row.team, Verb.CREATE)
    return user, row


def _is_paid(row: Generation) -> bool:
    """Return whether the price of every unknown attempt is certain and only the picture is missing."""
    return all(is_paid(attempt) for attempt in unknown_attempts([row.id]).get(row.id, []))


def _say(request: HttpRequest, verb: Callable[[], bool], done: "_StrPromise") -> None:
    try:
        if verb():
            messages.success(request, done)
        else:
            messages.error(request, ALREADY_SETTLED)
    except GalleryError as error:
        messages.error(request, error.message)


def _back(request: HttpRequest, row: Generation) -> HttpResponse:
    return redirect(get_next_url(request) or reverse("detail", args=[row.id]))
