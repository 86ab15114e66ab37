"""Presets: what the composer offers, and the page on which they are renamed, shared and deleted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations import schema
from generations.access import NOT_ALLOWED, current_user, preset_or_404, require
from generations.errors import GalleryError
from generations.forms.composer import MODEL, PRESET
from generations.forms.presets import facts, values_to_keep
from generations.models import Preset, Team, User
from generations.permissions import Verb, allows, may_change_preset, role_of
from generations.queries.gallery.presets import presets_by_name
from generations.services.gallery import presets as service
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, is_htmx, require_post


@dataclass(frozen=True)
class PresetPill:
    """A preset as the composer offers it; `values` are JSON for the script that fills the form."""

    name: str
    url: str
    model: str
    values: str
    shared: bool
    is_default: bool
    chosen: bool


@dataclass(frozen=True)
class PresetPills:
    pills: list[PresetPill]
    url: str
    longest: int = service.MAX_NAME_LENGTH


@dataclass(frozen=True)
class PresetRow:
    id: int
    name: str
    facts: str
    author: str
    shared: bool
    is_default: bool
    may_change: bool


@dataclass(frozen=True)
class PresetsPage:
    rows: list[PresetRow]
    slug: str
    may_share: bool
    may_set_default: bool
    longest: int


@dataclass(frozen=True)
class SavedPresets:
    presets: PresetPills
    error: str
    saved: bool


def pills(team: Team, rows: Sequence[Preset], chosen: Preset | None) -> PresetPills:
    """Return the presets whose model exists."""
    gallery, models = reverse("gallery", args=[team.slug]), schema.load()
    found = [
        PresetPill(
            one.name, f"{gallery}?preset={one.pk}", one.model,
            json.dumps(values_to_keep(models[one.model], one.values)), one.shared, one.is_default, one == chosen,
        )
        for one in rows
        if one.model in models
    ]  # fmt: skip
    return PresetPills(found, reverse("presets", args=[team.slug]))


@require_http_methods(["GET", "HEAD", "POST"])
def presets(request: HttpRequest, team: str) -> HttpResponse:
    """Show the presets; a POST saves the values of the composer under a name."""
    user, found = enter_team(request, team)
    if request.method == "POST":
        require(user, found, Verb.CREATE)
        return _save(request, user, found)
    role = role_of(user, found)
    rows = [
        PresetRow(
            one.pk, one.name, facts(schema.load().get(one.model), one.values),
            "" if one.author_id == user.pk else one.author.display_name, one.shared, one.is_default,
            may_change_preset(role, user, one),
        )
        for one in presets_by_name(found, user)
    ]  # fmt: skip
    page = PresetsPage(
        rows, found.slug, allows(role, Verb.ORGANISE), allows(role, Verb.EDIT_ANY), service.MAX_NAME_LENGTH
    )
    return render_page(request, "gallery/presets.html", page)


def _save(request: HttpRequest, user: User, team: Team) -> HttpResponse:
    """Save, and answer htmx with the presets of the composer; without scripts the page of presets follows.

    A name is not asked for there: the chosen options are the name until somebody changes it.
    """
    model = schema.is_known(request.POST.get(MODEL, ""))
    values = values_to_keep(model, request.POST)
    name, saved, error = request.POST.get(PRESET, ""), None, ""
    try:
        typed = name if is_htmx(request) else name or facts(model, values)[: service.MAX_NAME_LENGTH]
        saved = service.save(actor=user, team=team, name=typed, model=model.id, values=values)
    except GalleryError as refused:
        error = refused.message
    said = _("Saved as “%(name)s”.") % {"name": saved.name} if saved else ""
    if is_htmx(request):
        if saved:
            messages.success(request, said)
        answer = SavedPresets(pills(team, presets_by_name(team, user), saved), error, saved=bool(saved))
        return render_page(request, "gallery/composer/_presets.html", answer, status=200 if saved else 422)
    messages.add_message(request, messages.ERROR if error else messages.SUCCESS, error or said)
    return redirect("presets", team.slug)


@require_post
def change(request: HttpRequest, team: str, preset: int) -> HttpResponse:
    user = current_user(request)
    found, role = _changeable(user, team, preset)
    wish = "shared" in request.POST if allows(role, Verb.ORGANISE) else found.shared
    try:
        service.change(actor=user, preset=found, name=request.POST.get("name", ""), shared=wish)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        shared, own = _("“%(name)s” saved. The team can see it."), _("“%(name)s” saved. Only you can see it.")
        messages.success(request, (shared if wish else own) % {"name": found.name})
    return redirect("presets", team)


@require_post
def set_default(request: HttpRequest, team: str, preset: int) -> HttpResponse:
    """Make the preset the team's default, or with an empty field `default` an ordinary one."""
    user = current_user(request)
    found = preset_or_404(user, team, preset)
    require(user, found.team, Verb.EDIT_ANY)
    default = request.POST.get("default") == "1"
    try:
        service.set_default(actor=user, preset=found, default=default)
    except GalleryError as error:
        messages.error(request, error.message)
        return redirect("presets", team)
    now = _("“%(name)s” is now the team's default.") if default else _("“%(name)s” is no longer the team's default.")
    messages.success(request, now % {"name": found.name})
    return redirect("presets", team)


@require_post
def delete(request: HttpRequest, team: str, preset: int) -> HttpResponse:
    user = current_user(request)
    found, _role = _changeable(user, team, preset)
    service.delete(actor=user, preset=found)
    messages.success(request, _("“%(name)s” deleted.") % {"name": found.name})
    return redirect("presets", team)


def _changeable(user: User, team: str, preset: int) -> tuple[Preset, str | None]:
    found = preset_or_404(user, team, preset)
    role = role_of(user, found.team)
    if not may_change_preset(role, user, found):
        raise PermissionDenied(NOT_ALLOWED)
    return found, role
