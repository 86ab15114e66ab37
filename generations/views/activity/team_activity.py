"""The activity of a team, day by day."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from generations.models import parse_uuid
from generations.queries.activity.activity import activity_page
from generations.views.activity.activity_rows import ActivityDay, by_day
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team


@dataclass(frozen=True)
class ActivityPage:
    days: list[ActivityDay]
    older_url: str
    newest_url: str


@require_safe
def activity(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    before = parse_uuid(request.GET.get("before", ""))
    groups, older = activity_page(found, user, before)
    if before and not groups:
        return redirect(request.path)
    page = ActivityPage(
        days=by_day(groups, found),
        older_url=f"{request.path}?before={older}" if older else "",
        newest_url=request.path if before else "",
    )
    return render_page(request, "activity/team_activity.html", page)
