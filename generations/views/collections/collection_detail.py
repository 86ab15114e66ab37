"""One collection: its pictures in its order, shown as in the gallery."""

import uuid
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.access import collection_or_404, current_user
from generations.errors import GalleryError
from generations.forms.gallery import LAYOUTS, carried_from, cursor_from, query_of
from generations.models import Collection, CollectionOrder, User
from generations.permissions import may_delete_collection, role_of
from generations.queries.collections.collections import all_generations, manual_page
from generations.queries.gallery.gallery import PAGE_SIZE, GallerySearch, count_capped, search_generations
from generations.queries.site.counts import COUNT_LIMIT
from generations.queries.site.keyset import Cursor
from generations.services.collections.collections import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH
from generations.services.generations.archives import MAX_PICTURES
from generations.services.site import rate_limits
from generations.views.cards.cards import build_cards
from generations.views.cards.page_totals import COLLECTION
from generations.views.cards.polling import Poller, polling
from generations.views.cards.stacks import dated
from generations.views.gallery.gallery import Feed, feed, place_of, unlabelled
from generations.views.site.formatting import pictures
from generations.views.site.pickers import PickerOptions, bulk_action_permissions
from generations.views.site.rendering import render_page
from generations.views.site.requests import is_htmx, set_current_url, set_team, unsent_form
from generations.views.site.zip_response import zip_of


@dataclass(frozen=True)
class CollectionPage:
    """A collection; `typed` has changes to it that were sent and refused."""

    collection: Collection
    edit_url: str
    typed: dict[str, str]
    order: str
    cost_centre: str
    by_hand: bool
    feed: Feed
    live: Poller
    shelf: PickerOptions
    may: dict[str, bool]
    may_delete: bool
    create_url: str
    max_name_length: int = MAX_NAME_LENGTH
    max_description_length: int = MAX_DESCRIPTION_LENGTH


@require_safe
def collection(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    found = collection_or_404(user, team, collection)
    set_team(request, found.team)
    role = role_of(user, found.team)
    search, kept = GallerySearch(collection=found.pk), carried_from(request.GET)
    query = query_of(search, **kept)
    # Links of cards that change on this page keep the collection as their filter.
    cursor = cursor_from(request.GET)
    set_current_url(request, request.path + query_of(search, **kept, before=cursor.before, after=cursor.after))
    by_hand = found.order == CollectionOrder.HAND
    shown = _by_hand(request, user, found, role) if by_hand else _by_date(request, user, found, role)
    if cursor != Cursor() and not shown.days and not is_htmx(request):
        return redirect(request.path)
    edit_url = reverse("collection_edit", args=[found.team.slug, found.pk])
    typed = {} if is_htmx(request) else {name: str(value) for name, value in unsent_form(request, edit_url).items()}
    page = CollectionPage(
        collection=found,
        edit_url=edit_url,
        typed=typed,
        order=typed.get("order", found.order),
        cost_centre=typed.get("cost_centre", found.cost_centre),
        by_hand=by_hand,
        feed=shown,
        live=polling(
            found.team, shown.cards, query, cursor.before or cursor.after, place_of(request, COLLECTION, request.GET)
        ),
        shelf=PickerOptions.of(found.team, user),
        may=bulk_action_permissions(role),
        may_delete=may_delete_collection(role, user, found),
        create_url=reverse("gallery", args=[found.team.slug]) + query_of(search),
    )
    # "Load more" fetches one page of cards; everything else gets the whole page.
    template = "gallery/_more.html" if is_htmx(request) else "collections/collection_detail.html"
    response = render_page(request, template, page)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _by_date(request: HttpRequest, user: User, found: Collection, role: str | None) -> Feed:
    search = GallerySearch(collection=found.pk)
    return replace(feed(request.GET, user, found.team, search, role, base=request.path), empty="", cost_text="")


def _by_hand(request: HttpRequest, user: User, found: Collection, role: str | None) -> Feed:
    search, kept = GallerySearch(collection=found.pk), carried_from(request.GET)
    before = cursor_from(request.GET).before
    page = manual_page(found, user, before, PAGE_SIZE)
    cards = dated(build_cards(page.rows, user, role, query_of(search, **kept)))
    empty = GallerySearch()
    return Feed(
        days=unlabelled(cards),
        page_url=f"{request.path}{query_of(empty, **kept, before=before)}",
        older_url=f"{request.path}{query_of(empty, **kept, before=page.older)}" if page.older else "",
        newer_url=request.path if before else "",
        count_text=pictures(count_capped(search_generations(found.team, search, user)), COUNT_LIMIT),
        layout=kept.get("layout", LAYOUTS[0]),
    )


@require_safe
def download(request: HttpRequest, team: str, collection: uuid.UUID) -> HttpResponseBase:
    user = current_user(request)
    found = collection_or_404(user, team, collection)
    ids = all_generations(found, user, most=MAX_PICTURES + 1)
    if not ids:
        messages.error(request, _("There's nothing to download yet."))
        return redirect("collection", found.team.slug, found.pk)
    rate_limits.acquire("zip", user=user)
    try:
        return zip_of(user, ids, found.name)
    except GalleryError as error:
        messages.error(request, error.message)
        return redirect("collection", found.team.slug, found.pk)
