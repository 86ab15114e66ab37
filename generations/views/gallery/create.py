"""Submit the composer: create queued generations from a prompt."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from generations import schema
from generations.access import current_user, require, team_or_404
from generations.errors import (
    BlockedWordInPrompt,
    CostCentreMissing,
    GalleryError,
    OverLimit,
    PriceChanged,
    TooManyWaiting,
)
from generations.forms.composer import DAY, MODEL, REMIX_OF, WATCHED, ComposerForm, new_client_key
from generations.forms.form_transfer import FILL, to_composer
from generations.forms.gallery import carried_from, query_of
from generations.forms.parameter_grid import DO
from generations.models import ApprovalRequest, Generation, RequestState, Team, User, format_estimate, parse_uuid
from generations.permissions import Verb, role_of
from generations.queries.gallery.gallery import GallerySearch, day_of, find_to_reuse, find_with_cards
from generations.queries.spending.limits import composer_limits
from generations.services.orders import approvals, submit
from generations.views.cards.cards import Card, build_cards
from generations.views.cards.page_totals import PageAddress, PageTotals, figures
from generations.views.cards.polling import Poller, polling, watched_ids
from generations.views.gallery.composer import Composer, composer
from generations.views.gallery.composer_hints import LimitLeft, limit_left
from generations.views.gallery.filters import Filters, filters
from generations.views.gallery.gallery import Day, Feed, build_page, feed_of_new, filled, plain_timeline
from generations.views.gallery.saved_searches import SavedSearchTabs, tabs
from generations.views.gallery.timeline import TimelineMonth
from generations.views.site.error_pages import limit_reached
from generations.views.site.formatting import day_label, pictures
from generations.views.site.pickers import PickerOptions
from generations.views.site.rendering import render_page
from generations.views.site.requests import is_htmx, set_current_url, set_team

# Errors of the service and their HTTP status.
REFUSALS: dict[type[GalleryError], int] = {
    TooManyWaiting: 429, OverLimit: 402, PriceChanged: 409, BlockedWordInPrompt: 422,
    CostCentreMissing: 422,
}  # fmt: skip


@dataclass(frozen=True)
class PlainGallery:
    """The gallery without filters as far as the new pictures."""

    feed: Feed
    filters: Filters
    finding: SavedSearchTabs
    timeline: Sequence[TimelineMonth]


@dataclass(frozen=True)
class CreatedCards:
    """New cards that come under the day on top of the page, or the gallery that takes the place of another page."""

    client_key: uuid.UUID
    live: Poller
    cards: list[Card]
    left: LimitLeft | None
    limits: Sequence[str]
    day: Day | None = None
    figures: PageTotals | None = None
    gallery: PlainGallery | None = None


@dataclass(frozen=True)
class RefusedComposer:
    composer: Composer


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, team: str) -> HttpResponse:
    """Submit and redirect to the gallery; htmx gets the new cards.

    A refused form is shown again with its text, and so is one whose pictures the team has paid for already. A batch
    above the approval threshold becomes an approval request. With `x-do=fill` nothing is submitted: the values of the
    parameter grid form fill the composer.
    """
    user = current_user(request)
    found = team_or_404(user, team)
    gallery = reverse("gallery", args=[found.slug])
    if request.method != "POST":
        # A refused form stays at this address, and people reload it or return to it.
        return redirect(gallery + query_of(GallerySearch(), **carried_from(request.GET)))
    require(user, found, Verb.CREATE)
    model = schema.is_known(request.POST.get(MODEL, ""))
    fills = request.POST.get(DO) == FILL
    form = ComposerForm(model, to_composer(model, request.POST) if fills else request.POST, team=found)
    query = {**carried_from(request.GET), "model": form.model.id}
    here = gallery + query_of(GallerySearch(), **carried_from(query))
    set_current_url(request, here)
    set_team(request, found)
    if fills:
        return _filled(request, user, found, form, query)
    if not form.is_valid():
        return _refused(request, user, found, form, query=query, status=422)
    answer = _submit_or_respond(request, user, found, form, query)
    if isinstance(answer, HttpResponse):
        return answer
    return _created(request, user, found, answer, query) if is_htmx(request) else redirect(here)


def _created(
    request: HttpRequest, user: User, team: Team, ordered: list[Generation], query: Mapping[str, str]
) -> HttpResponse:
    """Return the new cards for the top of the page; of a page that shows something else they begin the gallery.

    The gallery has no filters then, because the new cards must be visible whatever the filter was.
    """
    carries = query_of(GallerySearch(), **carried_from(query))
    here = reverse("gallery", args=[team.slug]) + carries
    # Of a form that was sent before, the pictures may be deleted already.
    rows = [row for row in find_with_cards(team, user, [row.id for row in ordered]) if row.deleted_at is None]
    if not rows:
        return HttpResponseClientRedirect(here)
    cards, place = build_cards(rows, user, role_of(user, team), carries), PageAddress()
    known = composer_limits(team, user, ordered[0].ordered_for_id, changed=True)
    limits = limit_left(known.binding), known.warnings
    days = {day_of(row.id) for row in rows}
    if {day.isoformat() for day in days} == {request.POST.get(DAY, "")}:
        live = polling(team, cards, carries, None, place, also=watched_ids(request.POST.getlist(WATCHED)))
        totals = figures(place, GallerySearch(), team, user, rows)
        page = CreatedCards(new_client_key(), live, cards, *limits, _label(days.pop(), cards, totals), totals)
    else:
        bar = filters(query, GallerySearch(), team, PickerOptions.of(team, user))
        finding = tabs(team, user, role_of(user, team), query=query, name=bar.sentence)
        feed = feed_of_new(query, user, team, rows, cards)
        live = polling(team, cards, carries, None, place)
        plain = PlainGallery(feed, bar, finding, plain_timeline(team, user, query))
        page = CreatedCards(new_client_key(), live, cards, *limits, gallery=plain)
    response = render_page(request, "gallery/composer/_created.html", page)
    # Replaced, not pushed, because Back should leave the gallery and not step through each submit.
    response["HX-Replace-Url"] = here
    return response


def _label(day: date, cards: list[Card], totals: PageTotals | None) -> Day:
    """Return the label of the day of new cards that come on top of the page."""
    summary = totals.days[0].summary if totals else ""
    return Day(*day_label(day), day.isoformat(), summary, cards, continues=False)


def _filled(request: HttpRequest, user: User, team: Team, form: ComposerForm, query: Mapping[str, str]) -> HttpResponse:
    return _refused(request, user, team, filled(form), query=query, status=422 if form.errors else 200)


def _submit_or_respond(
    request: HttpRequest, user: User, team: Team, form: ComposerForm, query: Mapping[str, str]
) -> HttpResponse | list[Generation]:
    """Submit the form; return its pictures, or a response when it was not submitted or waits for approval."""
    form.order = replace(form.order, remix_of=source_of(form, user))
    planned = submit.build_generations(actor=user, team=team, order=form.order)
    form.has = [] if form.anyway else submit.find_paid_duplicates(actor=user, team=team, planned=planned)
    if form.has:
        return _refused(request, user, team, form, query=query, status=409)
    try:
        ordered = approvals.submit_or_request_approval(actor=user, team=team, order=form.order, planned=planned)
    except tuple(REFUSALS) as error:
        form.refuse(error)
        return with_retry(_refused(request, user, team, form, query=query, status=REFUSALS[type(error)]), error)
    return waits(request, ordered) if isinstance(ordered, ApprovalRequest) else ordered


def source_of(form: ComposerForm, user: User) -> Generation | None:
    """Return the picture that the form was filled from; None if the user may not see it: the field is only text."""
    return find_to_reuse(user, parse_uuid(form.chosen(REMIX_OF)))


def with_retry(response: HttpResponse, error: GalleryError) -> HttpResponse:
    """Add a `Retry-After` header when it is known at which time the request may be sent again."""
    return limit_reached(response, error.until) if isinstance(error, TooManyWaiting) else response


def waits(request: HttpRequest, asked: ApprovalRequest) -> HttpResponse:
    """Redirect to the page of approval requests, for htmx and plain forms."""
    if asked.state == RequestState.PENDING:
        sentence = _("Approval requested for %(pictures)s (%(cost)s). Nothing is charged until a manager approves it.")
        facts = {"pictures": pictures(len(asked.cells)), "cost": format_estimate(asked.estimate)}
        messages.info(request, sentence % facts)
    url = reverse("approvals", args=[asked.team.slug])
    return HttpResponseClientRedirect(url) if is_htmx(request) else redirect(url)


def _refused(
    request: HttpRequest, user: User, team: Team, form: ComposerForm, *, query: Mapping[str, str], status: int
) -> HttpResponse:
    if not is_htmx(request):
        return render_page(request, "gallery/gallery.html", build_page(request, user, team, query, form), status=status)
    shelf = PickerOptions.of(team, user)
    refused = composer(query, user, team, shelf, role=role_of(user, team), form=form)
    return render_page(request, "gallery/composer/_rejected.html", RefusedComposer(refused), status=status)
