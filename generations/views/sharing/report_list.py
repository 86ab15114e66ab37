"""The reports of a team's pictures, for its managers: hide the picture, dismiss the report, or show it again."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.access import report_or_404
from generations.models import Report, ReportState, name_in
from generations.permissions import Verb
from generations.queries.sharing.reports import decided_reports, open_reports
from generations.services.sharing import reports
from generations.views.cards.cards import image_of
from generations.views.site.formatting import day_and_clock, shortened
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, require_post


@dataclass(frozen=True)
class ReportRow:
    """A report; `who` is empty for a visitor, `outcome` while it is open; `hidden` is whether the picture is now."""

    id: uuid.UUID
    url: str
    src: str
    prompt: str
    author: str
    who: str
    reason: str
    note: str
    when: str
    outcome: str
    hidden: bool
    decide_url: str


@dataclass(frozen=True)
class ReportsPage:
    open: list[ReportRow]
    decided: list[ReportRow]


@require_safe
def report_list(request: HttpRequest, team: str) -> HttpResponse:
    """List the open reports, then those decided last."""
    _, found = enter_team(request, team, Verb.MODERATE)
    page = ReportsPage([_row(one) for one in open_reports(found)], [_row(one) for one in decided_reports(found)])
    return render_page(request, "sharing/reports/report_list.html", page)


@require_post
def decide(request: HttpRequest, team: str, report: uuid.UUID) -> HttpResponse:
    """Decide about a report; `verdict` is `hide`, `dismiss` or `show`."""
    user, found = enter_team(request, team, Verb.MODERATE)
    row = report_or_404(found, report)
    verdict = request.POST.get("verdict", "")
    try:
        if verdict == "hide":
            reports.hide(actor=user, report=row)
            messages.success(request, _("Picture hidden. Only its creator and managers can see it."))
        elif verdict == "show":
            shown = reports.show_again(actor=user, report=row)
            messages.success(request, _("Picture shown again.") if shown else _("The picture is no longer hidden."))
        elif verdict == "dismiss":
            reports.dismiss(actor=user, report=row)
            messages.success(request, _("Report dismissed."))
        else:
            messages.error(request, _("Choose whether to hide the picture or dismiss the report."))
    except reports.ReportAlreadyDecided as error:
        messages.error(request, error.message)
    return redirect("reports", found.slug)


def _row(one: Report) -> ReportRow:
    picture = one.generation
    return ReportRow(
        id=one.pk,
        url=reverse("detail", args=[picture.pk]),
        src=f"/g/{picture.pk}/thumb/320.webp" if image_of(picture) else "",
        prompt=shortened(picture.prompt, 120),
        author=name_in(picture, "author"),
        who="" if one.visitor else name_in(one, "reporter"),
        reason=str(one.get_reason_display()),
        note=one.note,
        when=day_and_clock(one.created_at),
        outcome=_outcome(one),
        hidden=picture.hidden_at is not None,
        decide_url=reverse("decide_report", args=[one.team.slug, one.pk]),
    )


def _outcome(one: Report) -> str:
    if one.state == ReportState.OPEN or one.decided_at is None:
        return ""
    named = {"name": name_in(one, "decided_by"), "time": day_and_clock(one.decided_at)}
    if one.state == ReportState.DISMISSED:
        return _("Dismissed by %(name)s, %(time)s") % named
    return _("Hidden by %(name)s, %(time)s") % named
