"""What was done in a team, for its owners: who was let in, what was changed, shared and signed."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations.models import Team, parse_uuid
from generations.permissions import Verb
from generations.queries.site.keyset import Cursor
from generations.queries.teams.audit import TeamEvent, events_page, with_names
from generations.services.site import audit
from generations.services.teams.audit_file import audit_file
from generations.views.site.disposition import disposition
from generations.views.site.formatting import exact_moment
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team


@dataclass(frozen=True)
class AuditLogRow:
    event: TeamEvent
    at: str


@dataclass(frozen=True)
class AuditLogPage:
    team: Team
    rows: list[AuditLogRow]
    zone: str
    newest_url: str
    older_url: str


@require_safe
def audit_log(request: HttpRequest, team: str) -> HttpResponse:
    """Show a page of the team's events, newest first."""
    _, found = enter_team(request, team, Verb.OWN)
    cursor = Cursor(before=parse_uuid(request.GET.get("before", "")))
    page = events_page(found, cursor)
    if cursor.before and not page.rows:
        return redirect(request.path)
    shown = AuditLogPage(
        team=found,
        rows=[AuditLogRow(one, exact_moment(one.at)) for one in with_names(found, page.rows)],
        zone=timezone.get_current_timezone_name(),
        newest_url=request.path if cursor.before else "",
        older_url=f"{request.path}?before={page.older}" if page.older else "",
    )
    return render_page(request, "teams/audit_log.html", shown)


@require_safe
def audit_csv(request: HttpRequest, team: str) -> StreamingHttpResponse:
    """Return the whole log as a file; who took it is logged."""
    user, found = enter_team(request, team, Verb.OWN)
    audit.log_event("audit file", actor=user.pk, team=found.pk)
    response = StreamingHttpResponse(audit_file(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition(f"{found.slug} audit {timezone.localdate().isoformat()}.csv")
    response["Cache-Control"] = "private, no-store"
    return response
