"""Submit the composer: create queued generations from a prompt."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from generations import schema
from generations.access import current_user, require, team_or_404
from generations.errors import GalleryError, OverLimit, PriceChanged, TooManyWaiting
from generations.forms.composer import MODEL, ComposerForm
from generations.forms.form_transfer import FILL, to_composer
from generations.forms.gallery import carried_from, query_of
from generations.forms.parameter_grid import DO
from generations.models import ApprovalRequest, RequestState, Team, User, format_estimate
from generations.permissions import Verb
from generations.queries.gallery.gallery import GallerySearch
from generations.services.orders import approvals, submit
from generations.views.gallery.gallery import context, filled
from generations.views.site.error_pages import limit_reached
from generations.views.site.formatting import pictures
from generations.views.site.requests import is_htmx, set_current_url

# Errors of the service and their HTTP status.
REFUSALS: dict[type[GalleryError], int] = {TooManyWaiting: 429, OverLimit: 402, PriceChanged: 409}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest, team: str) -> HttpResponse:
    """Submit and redirect to the gallery; htmx gets the feed with the new cards.

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
    if fills:
        return _filled(request, user, found, form, query)
    if not form.is_valid():
        return _refused(request, user, found, form, query=query, status=422)
    if instead := _submit_or_respond(request, user, found, form, query):
        return instead
    if not is_htmx(request):
        return redirect(here)
    # The gallery without filters, because the new card must be visible whatever the filter was.
    response = render(request, "gallery/composer/_created.html", context(request, user, found, query))
    # Replaced, not pushed, because Back should leave the gallery and not step through each submit.
    response["HX-Replace-Url"] = here
    return response


def _filled(request: HttpRequest, user: User, team: Team, form: ComposerForm, query: dict[str, Any]) -> HttpResponse:
    return _refused(request, user, team, filled(form), query=query, status=422 if form.errors else 200)


def _submit_or_respond(
    request: HttpRequest, user: User, team: Team, form: ComposerForm, query: dict[str, Any]
) -> HttpResponse | None:
    """Submit the form; return a response when it was not submitted or waits for approval, else None."""
    form.has = [] if form.anyway else submit.find_paid_duplicates(actor=user, team=team, order=form.order)
    if form.has:
        return _refused(request, user, team, form, query=query, status=409)
    try:
        ordered = approvals.submit_or_request_approval(actor=user, team=team, order=form.order)
    except tuple(REFUSALS) as error:
        form.refuse(error.message, fresh_key=isinstance(error, PriceChanged))
        return with_retry(_refused(request, user, team, form, query=query, status=REFUSALS[type(error)]), error)
    return waits(request, ordered) if isinstance(ordered, ApprovalRequest) else None


def with_retry(response: HttpResponse, error: GalleryError) -> HttpResponse:
    """Add a `Retry-After` header when it is known at which time the request may be sent again."""
    return limit_reached(response, error.until) if isinstance(error, TooManyWaiting) else response


def waits(request: HttpRequest, asked: ApprovalRequest) -> HttpResponse:
    """Redirect to the page of approval requests, for htmx and plain forms."""
    if asked.state == RequestState.PENDING:
        cost, many = format_estimate(asked.estimate), pictures(len(asked.cells))
        messages.info(request, f"Your order of {many} for {cost} waits for a manager. Nothing is charged yet.")
    url = reverse("approvals", args=[asked.team.slug])
    return HttpResponseClientRedirect(url) if is_htmx(request) else redirect(url)


def _refused(
    request: HttpRequest, user: User, team: Team, form: ComposerForm, *, query: dict[str, Any], status: int
) -> HttpResponse:
    template = "gallery/composer/_rejected.html" if is_htmx(request) else "gallery/gallery.html"
    return render(request, template, context(request, user, team, query, form), status=status)
