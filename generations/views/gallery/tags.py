"""The tags of a team; for users who may rename, merge and delete them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations.access import current_user, require, team_or_404
from generations.errors import GalleryError
from generations.forms.gallery import query_of
from generations.models import Tag
from generations.permissions import Verb
from generations.queries.gallery import tags as queries
from generations.queries.gallery.gallery import GallerySearch
from generations.queries.site.counts import COUNT_LIMIT
from generations.services.gallery import tags as service
from generations.views.site.formatting import pictures
from generations.views.site.requests import require_post, set_team

MAX_SHOWN = 1000


@require_safe
def tags(request: HttpRequest, team: str) -> HttpResponse:
    user = current_user(request)
    found = team_or_404(user, team)
    set_team(request, found)
    require(user, found, Verb.MERGE_TAGS)
    gallery = reverse("gallery", args=[found.slug])
    rows = [
        {
            "id": key,
            "name": name,
            "count": pictures(count, COUNT_LIMIT),
            "url": gallery + query_of(GallerySearch(tag=name)),
        }
        for key, name, count in queries.all_tags(found, user, MAX_SHOWN)
    ]
    return render(request, "gallery/tags.html", {"tags": rows, "slug": found.slug, "longest": service.MAX_TAG_LENGTH})


@require_post
def rename(request: HttpRequest, team: str, tag: int) -> HttpResponse:
    found = _tag(request, team, tag)
    name = request.POST.get("name", "")
    try:
        service.rename(tag=found, name=name)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"“{found.name}” is called “{service.one_word(name)}” now.")
    return redirect("tags", team)


@require_post
def merge(request: HttpRequest, team: str, tag: int) -> HttpResponse:
    found = _tag(request, team, tag)
    into = request.POST.get("into", "")
    try:
        other = Tag.objects.filter(team=found.team_id, name=service.one_word(into)).first()
        if other is None:
            raise GalleryError("There is no such tag to merge it with.")
        service.merge(tag=found, into=other)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"“{found.name}” is part of “{other.name}” now.")
    return redirect("tags", team)


@require_post
def delete(request: HttpRequest, team: str, tag: int) -> HttpResponse:
    found = _tag(request, team, tag)
    service.delete(tag=found)
    messages.success(request, f"“{found.name}” is taken off every picture.")
    return redirect("tags", team)


def _tag(request: HttpRequest, slug: str, tag: int) -> Tag:
    user = current_user(request)
    team = team_or_404(user, slug)
    found = get_object_or_404(Tag, team=team, id=tag)
    require(user, team, Verb.MERGE_TAGS)
    return found
