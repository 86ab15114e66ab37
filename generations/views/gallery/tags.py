"""The tags of a team; for users who may rename, merge and delete them."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.access import current_user, require, tag_or_404
from generations.errors import GalleryError
from generations.forms.gallery import query_of
from generations.permissions import Verb
from generations.queries.gallery import tags as queries
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.site.counts import COUNT_LIMIT
from generations.services.gallery import tags as service
from generations.views.site.formatting import pictures
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, require_post

MAX_SHOWN = 1000


@dataclass(frozen=True)
class TagRow:
    id: int
    name: str
    count: str
    url: str


@dataclass(frozen=True)
class TagsPage:
    tags: list[TagRow]
    slug: str
    longest: int


@require_safe
def tags(request: HttpRequest, team: str) -> HttpResponse:
    user, found = enter_team(request, team)
    require(user, found, Verb.MERGE_TAGS)
    gallery = reverse("gallery", args=[found.slug])
    rows = [
        TagRow(key, name, pictures(count, COUNT_LIMIT), gallery + query_of(GallerySearch(tag=name)))
        for key, name, count in queries.all_tags(found, user, MAX_SHOWN)
    ]
    return render_page(request, "gallery/tags.html", TagsPage(rows, found.slug, service.MAX_TAG_LENGTH))


@require_post
def rename(request: HttpRequest, team: str, tag: int) -> HttpResponse:
    found = tag_or_404(current_user(request), team, tag)
    name = request.POST.get("name", "")
    try:
        service.rename(tag=found, name=name)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        names = {"old": found.name, "new": service.one_word(name)}
        messages.success(request, _("“%(old)s” renamed to “%(new)s”.") % names)
    return redirect("tags", team)


@require_post
def merge(request: HttpRequest, team: str, tag: int) -> HttpResponse:
    found = tag_or_404(current_user(request), team, tag)
    into = request.POST.get("into", "")
    try:
        other = queries.find_tag(found.team, service.one_word(into))
        if other is None:
            raise GalleryError(_("There's no such tag. Merge into an existing one."))
        service.merge(tag=found, into=other)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("“%(old)s” merged into “%(new)s”.") % {"old": found.name, "new": other.name})
    return redirect("tags", team)


@require_post
def delete(request: HttpRequest, team: str, tag: int) -> HttpResponse:
    found = tag_or_404(current_user(request), team, tag)
    service.delete(tag=found)
    messages.success(request, _("“%(name)s” removed from all pictures.") % {"name": found.name})
    return redirect("tags", team)
