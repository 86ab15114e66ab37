"""What the metadata of a team's copies contain; for owners."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations import schema
from generations.imaging import SOURCE_TYPE
from generations.models import Team
from generations.permissions import Verb
from generations.services.provenance.provenance_settings import set_provenance_details
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team


@dataclass(frozen=True)
class ProvenanceSettingsPage:
    team: Team
    system: str
    source_type: str


@require_http_methods(["GET", "HEAD", "POST"])
def provenance_settings(request: HttpRequest, team: str) -> HttpResponse:
    user, row = enter_team(request, team, Verb.OWN)
    if request.method == "POST":
        set_provenance_details(
            actor=user,
            team=row,
            in_downloads="prompt_in_downloads" in request.POST,
            in_shared_copies="prompt_in_shared_copies" in request.POST,
        )
        messages.success(request, _("Saved. It applies to new downloads."))
        return redirect(request.path)
    page = ProvenanceSettingsPage(row, schema.get().title, SOURCE_TYPE.rsplit("/", 1)[-1])
    return render_page(request, "provenance/provenance_settings.html", page)
