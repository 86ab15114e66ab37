"""Reporting a picture to the team's managers: by its members, and by visitors of a share link without an account."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from generations.access import current_user, generation_or_404, shared_or_404
from generations.errors import TooManyRequests
from generations.forms.sharing import ReportForm
from generations.models import ReportReason, ShareLink, State
from generations.queries.sharing.reports import has_reported
from generations.services.accounts.sign_in import client_address
from generations.services.sharing import reports
from generations.services.sharing.reports import MAX_NOTE_LENGTH
from generations.views.sharing.public_page import base_of, is_open, password_page, public_view
from generations.views.site.error_pages import limit_reached
from generations.views.site.pickers import Choice, choices
from generations.views.site.rendering import render_page
from generations.views.site.requests import set_team

REPORTED = gettext_lazy("Reported. The team's managers have been notified.")
REPORTED_BEFORE = gettext_lazy("This picture has already been reported. The team's managers have been notified.")


@dataclass(frozen=True)
class ReportPage:
    """The form; `sent` is the sentence that takes its place when there is nothing more to send."""

    src: str
    back_url: str
    reasons: list[Choice]
    note: str
    reason_error: str
    note_error: str
    error: str = ""
    sent: str = ""
    longest_note: int = MAX_NOTE_LENGTH


@require_http_methods(["GET", "HEAD", "POST"])
def report_picture(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    """Show the form to members on GET, report on POST."""
    user = current_user(request)
    row = generation_or_404(user, generation)
    set_team(request, row.team)
    if row.state != State.DONE or row.deleted_at is not None:
        raise Http404(_("You can only report finished pictures that aren't in the trash."))
    src, back = f"/g/{row.id}/thumb/640.webp", reverse("detail", args=[row.id])
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        sent = str(REPORTED_BEFORE) if has_reported(user, row) else ""
        page = _page(form, src, back, sent=sent)
        return render_page(request, "sharing/reports/report.html", page, status=422 if form.errors else 200)
    said = form.cleaned_data
    done = reports.report_as_member(
        actor=user, generation=row, reason=ReportReason(said["reason"]), note=said["note"]
    )  # fmt: skip
    messages.success(request, REPORTED if done else REPORTED_BEFORE)
    return redirect(back)


@require_http_methods(["GET", "HEAD", "POST"])
@public_view
def report_shared(request: HttpRequest, link: ShareLink, generation: uuid.UUID) -> HttpResponseBase:
    """Show the form to visitors on GET, report on POST; the answer is the same page, without what was sent."""
    if not is_open(request, link):
        return password_page(request, link)
    row = shared_or_404(link, generation)
    base = base_of(request)
    src, back = f"{base}{row.id}/thumb/640.webp", f"{base}{row.id}/" if link.collection_id else base
    form = ReportForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _public(request, _page(form, src, back), 422 if form.errors else 200)
    said, agent = form.cleaned_data, request.headers.get("User-Agent", "")
    try:
        done = reports.report_as_visitor(
            link=link, generation=row, reason=ReportReason(said["reason"]), note=said["note"],
            address=client_address(request), agent=agent,
        )  # fmt: skip
    except TooManyRequests as error:
        return limit_reached(_public(request, _page(form, src, back, error=error.message), 429), error.until)
    return _public(request, _page(form, src, back, sent=str(REPORTED if done else REPORTED_BEFORE)), 200)


def _page(form: ReportForm, src: str, back_url: str, *, error: str = "", sent: str = "") -> ReportPage:
    return ReportPage(
        src=src,
        back_url=back_url,
        reasons=choices(ReportReason.choices, form.typed("reason")),
        note=form.typed("note"),
        reason_error=" ".join(map(str, form.errors.get("reason", []))),
        note_error=" ".join(map(str, form.errors.get("note", []))),
        error=error,
        sent=sent,
    )


def _public(request: HttpRequest, page: ReportPage, status: int) -> HttpResponse:
    response = render_page(request, "sharing/reports/public_report.html", page, status=status)
    # With no-referrer a browser sends the form with `Origin: null`, which the CSRF check refuses.
    response["Referrer-Policy"] = "same-origin"
    return response
