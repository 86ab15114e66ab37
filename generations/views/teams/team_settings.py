"""Creating a team, and the settings of its owners."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.access import current_user, require, team_or_404
from generations.conf import conf
from generations.forms.invitations import NewTeamForm, TeamForm
from generations.models import format_amount
from generations.permissions import Verb
from generations.services.teams.teams_and_users import change_team, create_team, require_may_create_team
from generations.views.site.rendering import render_page
from generations.views.site.requests import require_post


@dataclass(frozen=True)
class NewTeamPage:
    form: NewTeamForm
    limit: str


@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    user = current_user(request)
    form = NewTeamForm(request.POST or None, user=user)
    require_may_create_team(user)
    if request.method == "POST" and form.is_valid():
        team = create_team(actor=user, name=form.cleaned_data["name"])
        messages.success(request, _("%(team)s created.") % {"team": team})
        return redirect("gallery", team.slug)
    limit = format_amount(most) if (most := conf().new_team_monthly_limit) is not None else ""
    return render_page(request, "teams/new_team.html", NewTeamPage(form, limit), status=422 if form.errors else 200)


@require_post
def team_settings(request: HttpRequest, team: str) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    require(user, found, Verb.OWN)
    form = TeamForm(request.POST, instance=found)
    if form.is_valid():
        change_team(actor=user, team=found, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("people", team)
