"""Saved searches, and the tabs above the gallery."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generations.access import NOT_ALLOWED, current_user, saved_or_404, team_or_404
from generations.errors import GalleryError
from generations.forms.gallery import carried_from, query_of, search_from, words_of
from generations.models import SavedSearch, Team, User
from generations.permissions import Verb, allows, may_change_saved_search, role_of
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.gallery.saved_searches import find_same, missing_filters, saved_searches_by_name
from generations.services.gallery import saved_searches as service
from generations.views.site.rendering import render_page
from generations.views.site.requests import require_post, set_team

# Names of the filters in a sentence, by their query parameter.
FILTERS = {
    "person": gettext_lazy("creator"),
    "collection": gettext_lazy("collection"),
    "tag": gettext_lazy("tag"),
    "size": gettext_lazy("size"),
    "speed": gettext_lazy("speed"),
    "state": gettext_lazy("state"),
    "from": gettext_lazy("first day"),
    "to": gettext_lazy("last day"),
    "when": gettext_lazy("period"),
}


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    icon: str
    current: bool
    shared_by: str = ""


@dataclass(frozen=True)
class SavedSearchTabs:
    """The tabs, the saved search that is `open`, and what the user may do with it or with an unsaved one."""

    tabs: list[Tab]
    slug: str
    open: SavedSearch | None
    may_change: bool
    may_share: bool
    save_url: str
    name: str
    longest: int


@dataclass(frozen=True)
class BrokenSearchPage:
    saved: SavedSearch
    lost: str
    rest_url: str
    may_change: bool


def tabs(
    team: Team, user: User, role: str | None, *, search: GallerySearch | None = None,
    query: Mapping[str, str] | None = None, current: str = "gallery", name: str = "",
) -> SavedSearchTabs:  # fmt: skip
    """Return the tabs above the gallery; `name` is the suggested name of the current search."""
    gallery = reverse("gallery", args=[team.slug])
    search, kept = search or GallerySearch(), query_of(GallerySearch(), **carried_from(query or {}))
    words = words_of(search)
    found = saved_searches_by_name(team, user)
    open_one = find_same(found, words) if words else None
    plain = current == "gallery" and not words
    return SavedSearchTabs(
        tabs=[
            Tab(_("All pictures"), gallery + kept, "images", plain),
            Tab(_("Recently viewed"), f"{gallery}view-history/", "history", current == "recent"),
            *(_tab(one, user, f"{gallery}saved/{one.pk}/{kept}", one == open_one) for one in found),
        ],
        slug=team.slug,
        open=open_one,
        may_change=open_one is not None and may_change_saved_search(role, user, open_one),
        may_share=allows(role, Verb.ORGANISE),
        save_url=f"{gallery}saved/{query_of(search)}" if words and open_one is None else "",
        name=name,
        longest=service.MAX_NAME_LENGTH,
    )


@require_post
def save(request: HttpRequest, team: str) -> HttpResponse:
    """Save the search of the query string under `name`."""
    user = current_user(request)
    found = team_or_404(user, team)
    search = search_from(request.GET, user, found)
    try:
        saved = service.save(actor=user, team=found, name=request.POST.get("name", ""), parameters=words_of(search))
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Saved as “%(name)s”.") % {"name": saved.name})
    return redirect(reverse("gallery", args=[found.slug]) + query_of(search, **carried_from(request.POST)))


@require_safe
def saved_search(request: HttpRequest, team: str, saved: int) -> HttpResponse:
    """Redirect to the gallery.

    When a filter names something deleted, a page says so, because the gallery without that filter would show too much.
    """
    user = current_user(request)
    found = saved_or_404(user, team, saved)
    search = search_from(found.parameters, user, found.team)
    kept, left = carried_from(request.GET), words_of(search)
    lost = {word for word in found.parameters if word not in left} | missing_filters(found.team, user, search)
    if not lost:
        return redirect(reverse("gallery", args=[team]) + query_of(search, **kept))
    set_team(request, found.team)
    rest = search_from({name: text for name, text in left.items() if name not in lost}, user, found.team)
    page = BrokenSearchPage(
        saved=found,
        lost=", ".join(str(text) for word, text in FILTERS.items() if word in lost) or _("other"),
        rest_url=reverse("gallery", args=[team]) + query_of(rest, **kept) if rest.active else "",
        may_change=may_change_saved_search(role_of(user, found.team), user, found),
    )
    return render_page(request, "gallery/saved_search.html", page)


@require_post
def change(request: HttpRequest, team: str, saved: int) -> HttpResponse:
    user = current_user(request)
    found, role = _changeable(user, team, saved)
    wish = "shared" in request.POST if allows(role, Verb.ORGANISE) else found.shared
    try:
        service.change(saved=found, name=request.POST.get("name", ""), shared=wish)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        shared, own = _("“%(name)s” saved. The team can see it."), _("“%(name)s” saved. Only you can see it.")
        messages.success(request, (shared if wish else own) % {"name": found.name})
    return redirect("saved_search", team, saved)


@require_post
def delete(request: HttpRequest, team: str, saved: int) -> HttpResponse:
    found, _role = _changeable(current_user(request), team, saved)
    service.delete(saved=found)
    messages.success(request, _("“%(name)s” deleted. Its pictures stay in the gallery.") % {"name": found.name})
    return redirect("gallery", team)


def _changeable(user: User, team: str, saved: int) -> tuple[SavedSearch, str | None]:
    found = saved_or_404(user, team, saved)
    role = role_of(user, found.team)
    if not may_change_saved_search(role, user, found):
        raise PermissionDenied(NOT_ALLOWED)
    return found, role


def _tab(one: SavedSearch, user: User, url: str, current: bool) -> Tab:
    icon = "users" if one.shared else "bookmark"
    return Tab(one.name, url, icon, current, "" if one.author_id == user.pk else one.author.display_name)
