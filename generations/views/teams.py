"""Making a team, and what its owners set."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations.access import person, require, team_or_404
from generations.forms.people import NewTeamForm, TeamForm
from generations.permissions import Verb, may_create_team
from generations.services.people import create_team, set_up_team
from generations.views.requests import form_only

NO = "New teams are made by people who may order pictures, or by whoever runs the site alone. Ask them."


@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not may_create_team(user):
        raise PermissionDenied(NO)
    form = NewTeamForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        team = create_team(actor=user, name=form.cleaned_data["name"])
        messages.success(request, f"{team} is there. Invite the others.")
        return redirect("people", team.slug)
    return render(request, "generations/new_team.html", {"form": form}, status=422 if form.errors else 200)


@form_only
def set_up(request: HttpRequest, team: str) -> HttpResponse:
    user = person(request)
    found = team_or_404(user, team)
    require(user, found, Verb.OWN)
    form = TeamForm(request.POST, instance=found)
    if form.is_valid():
        set_up_team(actor=user, team=found, **form.cleaned_data)
        messages.success(request, "Saved.")
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("people", team)
