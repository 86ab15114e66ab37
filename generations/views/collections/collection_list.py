"""The collections of a team, and the actions on one."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generations.access import NOT_ALLOWED, collection_or_404, current_user, generation_or_404, require
from generations.errors import GalleryError
from generations.models import Generation, Team, User, parse_uuid
from generations.permissions import Verb, may_delete_collection, role_of
from generations.queries.collections.collections import CollectionCard, cards_page
from generations.queries.site.counts import COUNT_LIMIT
from generations.queries.site.keyset import Cursor
from generations.services.collections import collections as service
from generations.views.cards.cards import image_of, srcset
from generations.views.site.formatting import day_name, pictures
from generations.views.site.pickers import bulk_action_permissions
from generations.views.site.rendering import render_page
from generations.views.site.requests import (
    enter_team,
    get_next_url,
    keep_form,
    require_post,
    set_current_url,
    unsent_form,
)


@dataclass(frozen=True)
class Cover:
    src: str
    srcset: str
    placeholder: str


@dataclass(frozen=True)
class ListedCollection:
    name: str
    url: str
    count: str
    newest: str
    cover: Cover | None


@dataclass(frozen=True)
class CollectionsPage:
    """The collections; the form is filled with a new one that was refused or not sent."""

    cards: list[ListedCollection]
    older_url: str
    form: dict[str, str]
    is_filled: bool
    may: dict[str, bool]
    tags_url: str
    longest_name: int = service.MAX_NAME_LENGTH


@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: HttpRequest, team: str) -> HttpResponse:
    """List the collections on GET; create one on POST and open it."""
    user, found = enter_team(request, team)
    if request.method != "POST":
        return _page(
            request, user, found, {name: str(value) for name, value in unsent_form(request, request.path).items()}
        )
    require(user, found, Verb.ORGANISE)
    said = {name: request.POST.get(name, "") for name in ("name", "description")}
    try:
        made = service.create(actor=user, team=found, **said)
    except GalleryError as error:
        return _page(request, user, found, said | {"error": error.message}, status=422)
    return redirect("collection", found.slug, made.pk)


def _page(
    request: HttpRequest, user: User, team: Team, form: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    set_current_url(request, request.path)
    cursor = Cursor(before=parse_uuid(request.GET.get("before", "")))
    page, cards = cards_page(team, user, cursor)
    if cursor.before and not cards:
        return redirect(request.path)
    listed = CollectionsPage(
        cards=[_card(card, team) for card in cards],
        older_url=f"{request.path}?before={page.older}" if page.older else "",
        form={"name": "", "description": "", "error": ""} | (form or {}),
        is_filled=bool(form),
        may=bulk_action_permissions(role_of(user, team)),
        tags_url=reverse("tags", args=[team.slug]),
    )
    return render_page(request, "collections/collection_list.html", listed, status=status)


def _card(card: CollectionCard, team: Team) -> ListedCollection:
    return ListedCollection(
        name=card.collection.name,
        url=reverse("collection", args=[team.slug, card.collection.pk]),
        count=pictures(card.count, COUNT_LIMIT),
        newest=day_name(timezone.localdate(card.newest)) if card.newest else "",
        cover=_cover(card.cover) if card.cover else None,
    )


def _cover(row: Generation) -> Cover | None:
    image = image_of(row)
    return Cover(f"/g/{row.id}/thumb/640.webp", srcset(row, image), image.placeholder) if image else None


@require_post
def edit(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = collection_or_404(user, team, collection)
    require(user, found.team, Verb.ORGANISE)
    fields = ("name", "description", "order", "cost_centre")
    said = {name: request.POST.get(name, getattr(found, name)) for name in fields}
    try:
        service.change(collection=found, **said)
    except GalleryError as error:
        keep_form(request, user.pk)
        messages.error(request, error.message)
    else:
        messages.success(request, _("Saved."))
    return redirect("collection", found.team.slug, found.pk)


@require_post
def cover(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = collection_or_404(user, team, collection)
    require(user, found.team, Verb.ORGANISE)
    try:
        ids = request.POST.getlist("id")
        if len(ids) != 1:
            raise GalleryError(_("Select one picture as the cover."))
        row = generation_or_404(user, parse_uuid(ids[0]) or uuid.UUID(int=0))
        service.set_cover(collection=found, generation=row)
    except GalleryError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Cover of “%(name)s” changed.") % {"name": found.name})
    return redirect(get_next_url(request) or reverse("collection", args=[found.team.slug, found.pk]))


@require_post
def delete(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = collection_or_404(user, team, collection)
    if not may_delete_collection(role_of(user, found.team), user, found):
        raise PermissionDenied(NOT_ALLOWED)
    service.delete(collection=found)
    messages.success(request, _("“%(name)s” deleted. Its pictures stay in the gallery.") % {"name": found.name})
    return redirect("collections", found.team.slug)
