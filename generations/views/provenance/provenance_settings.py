"""What the metadata of a team's copies contain; for owners."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations import schema
from generations.access import current_user, require, team_or_404
from generations.imaging import SOURCE_TYPE
from generations.permissions import Verb
from generations.services.provenance.provenance_settings import set_provenance_details
from generations.views.site.requests import set_team


@require_http_methods(["GET", "HEAD", "POST"])
def provenance_settings(request: HttpRequest, team: str) -> HttpResponse:
    user = current_user(request)
    row = team_or_404(user, team)
    require(user, row, Verb.OWN)
    set_team(request, row)
    if request.method == "POST":
        set_provenance_details(
            actor=user,
            team=row,
            in_downloads="prompt_in_downloads" in request.POST,
            in_shared_copies="prompt_in_shared_copies" in request.POST,
        )
        messages.success(request, "Saved. Copies that leave from now on follow it.")
        return redirect(request.path)
    context: dict[str, Any] = {"team": row, "system": schema.get().title, "source_type": SOURCE_TYPE.rsplit("/", 1)[-1]}
    return render(request, "provenance/provenance_settings.html", context)
