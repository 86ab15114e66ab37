"""The page of one picture with everything that is known about it."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations import schema
from generations.access import current_user, generation_or_404
from generations.forms.gallery import carried, carried_from, query_of, search_from
from generations.models import AttemptState, Collection, CollectionOrder, Generation, User
from generations.permissions import Verb, allows, may_edit, role_of
from generations.queries.collections.collections import (
    collections_of_generation,
    find_collection,
    manual_neighbours,
)
from generations.queries.gallery.gallery import GallerySearch, gallery_neighbours, is_starred
from generations.queries.gallery.tags import tags_of_generation
from generations.queries.generations.attempts import attempts_of
from generations.queries.sharing.share_links import is_seen_by_link
from generations.services.sharing.share_links import is_shareable
from generations.services.site.reasons import MAX_REASON_LENGTH
from generations.views.activity.comment_thread import CommentThread, comment_thread
from generations.views.cards.cards import Card, Progress, build_card, image_of
from generations.views.cards.polling import version
from generations.views.cards.unknown_outcome import UnknownOutcome, unknown_outcome_of
from generations.views.generations.compare import address
from generations.views.generations.lineage import NO_LINEAGE, LineageView, lineage_view
from generations.views.generations.metadata import AttemptRow, Fact, attempt_row, attempt_url, metadata
from generations.views.site.formatting import day_and_clock
from generations.views.site.pickers import WHO_SEES, Choice, PickerOptions, choices
from generations.views.site.rendering import render_page
from generations.views.site.requests import is_htmx, refused_text, set_team


@dataclass(frozen=True)
class Around:
    """The neighbours within the filter of the address, and the way back to the gallery."""

    previous_url: str
    next_url: str
    previous_thumb: str
    next_thumb: str
    compare_url: str
    back_url: str


@dataclass(frozen=True)
class TagLink:
    name: str
    url: str


@dataclass(frozen=True)
class CollectionLink:
    id: uuid.UUID
    name: str
    url: str


@dataclass(frozen=True)
class Labels:
    """Visibility, collections and tags of a picture, and whether the user may change them."""

    who_sees: list[Choice]
    may_set_visibility: bool
    collections: list[CollectionLink]
    tags: list[TagLink]
    may_organise: bool
    shelf: PickerOptions


@dataclass(frozen=True)
class Item:
    """Everything about one picture; `typed` is a reason for marking it as lost that was refused or not sent."""

    card: Card
    around: Around
    labels: Labels
    lineage: LineageView
    src: str
    full_prompt: str
    initials: str
    made: str
    image_url: str
    download_url: str
    facts: list[Fact]
    attempts: list[AttemptRow]
    share_url: str
    remix_url: str
    use_url: str
    seed_url: str
    generated_label: str
    doubt: UnknownOutcome | None
    typed: str
    report_url: str
    hidden: bool
    longest_reason: int = MAX_REASON_LENGTH


@dataclass(frozen=True)
class DetailPage:
    item: Item
    poll_url: str
    talk: CommentThread | None


@require_safe
def detail(request: HttpRequest, generation: uuid.UUID) -> HttpResponse:
    user = current_user(request)
    row = generation_or_404(user, generation)
    set_team(request, row.team)
    query = carried(request.GET, user, row.team)
    row.starred = is_starred(row, user)  # type: ignore[attr-defined]  # as the gallery's query does
    row.linked = is_seen_by_link(row)  # type: ignore[attr-defined]
    role = role_of(user, row.team)
    card = build_card(row, user, role, Progress.of([row]), query)
    seen = version([card])
    if is_htmx(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    # The lightbox takes the panel and the neighbours out of it, so it needs nothing around them.
    template = "generations/_picture.html" if is_for_lightbox(request) else "generations/detail.html"
    item = _item(request, row, card, user, role)
    poll_url = f"{card.url}{'&' if query else '?'}seen={seen}" if card.waits else ""
    page = DetailPage(item, poll_url, comment_thread(request, row, user, role))
    return render_page(request, template, page)


def is_for_lightbox(request: HttpRequest) -> bool:
    """Return whether the lightbox asks, which shows the panel beside a picture that is on the screen already."""
    return is_htmx(request) and request.headers.get("HX-Target") == "lightbox"


def _around(request: HttpRequest, row: Generation, user: User) -> Around:
    query = carried(request.GET, user, row.team)
    search = search_from(request.GET, user, row.team)
    collection = _collection(search)
    newer, older = (None, None) if row.deleted_at else _neighbours(row, user, search, collection)
    # Back leads to the page of the collection, whose address contains that filter already.
    back, kept = reverse("gallery", args=[row.team.slug]), query
    if collection:
        back = reverse("collection", args=[row.team.slug, collection.pk])
        kept = query_of(GallerySearch(), **carried_from(request.GET))
    return Around(
        previous_url=f"/g/{newer.id}/{query}" if newer else "",
        next_url=f"/g/{older.id}/{query}" if older else "",
        previous_thumb=_large(newer),
        next_thumb=_large(older),
        compare_url=_compare_url(row, newer, older),
        # A page of the gallery that begins with this picture; a script goes back in history instead when the user came
        # from the gallery.
        back_url=back + _with(kept, before=newer.id if newer else "") + f"#g-{row.id}",
    )


def _compare_url(row: Generation, newer: Generation | None, older: Generation | None) -> str:
    """Return the comparison with a neighbour of the same batch, else with the older neighbour."""
    others = [one for one in (older, newer) if one is not None and image_of(one)]
    others.sort(key=lambda one: one.batch != row.batch)
    if not others or not image_of(row):
        return ""
    return address(row.team.slug, *sorted([row, others[0]], key=lambda one: one.pk))


def _collection(search: GallerySearch) -> Collection | None:
    """Return the collection when the address filters by it and by nothing else."""
    if search.collection is None or search != GallerySearch(collection=search.collection):
        return None
    return find_collection(search.collection)


def _neighbours(
    row: Generation, user: User, search: GallerySearch, collection: Collection | None
) -> tuple[Generation | None, Generation | None]:
    if collection is not None and collection.order == CollectionOrder.HAND:
        return manual_neighbours(collection, user, row.id)
    return gallery_neighbours(row.team, search, user, row.id)


def _with(query: str, **more: object) -> str:
    pairs = urlencode({name: value for name, value in more.items() if value})
    return f"{query}{'&' if query else '?'}{pairs}" if pairs else query


def _item(request: HttpRequest, row: Generation, card: Card, user: User, role: str | None) -> Item:
    image, attempts = image_of(row), attempts_of(row)
    latest_first = attempts[::-1]
    doubts = [attempt for attempt in latest_first if attempt.state == AttemptState.UNKNOWN]
    hidden = row.waits and not card.mine
    gallery = reverse("gallery", args=[row.team.slug])
    creates = allows(role, Verb.CREATE) and not hidden
    cost_url = attempt_url(row, attempts[-1]) if attempts else ""
    # A picture whose model has no schema any more keeps its page: the parameters of the default model are read from it.
    model = schema.is_known(row.model)
    return Item(
        card=card,
        around=_around(request, row, user),
        labels=_labels(row, user, role),
        # The prompt of what is remixed would tell the prompt of a picture that is still queued.
        lineage=NO_LINEAGE if hidden else lineage_view(row, user),
        src=_large(row),
        full_prompt="" if hidden else row.prompt,
        initials=row.author.initials if row.author else "",
        made=day_and_clock(row.created_at),
        image_url=f"/g/{row.id}/image" if image else "",
        download_url=f"/g/{row.id}/image?download" if image else "",
        facts=[] if hidden else metadata(row, model, latest_first, cost_url),
        attempts=[attempt_row(row, one) for one in attempts] if len(attempts) > 1 and not hidden else [],
        share_url=f"/g/{row.id}/share" if is_shareable(row) and allows(role, Verb.SHARE) else "",
        remix_url=f"{gallery}?remix={row.id}" if creates else "",
        use_url=f"{gallery}?use={row.id}" if creates else "",
        seed_url=f"{gallery}?seed_of={row.id}" if creates and row.seed is not None else "",
        generated_label=_("AI-generated with %(model)s.")
        % {"model": model.title if model.id == row.model else row.model},
        doubt=unknown_outcome_of(row, doubts, user, role),
        typed=refused_text(request, reverse("mark_lost", args=[row.id])),
        report_url=reverse("report", args=[row.id]) if card.phase == "done" else "",
        hidden=row.hidden_at is not None,
    )


def _labels(row: Generation, user: User, role: str | None) -> Labels:
    """Return the labels; a deleted picture allows no changes to them."""
    there = row.deleted_at is None
    slug = row.team.slug
    gallery = reverse("gallery", args=[slug])
    return Labels(
        who_sees=choices(WHO_SEES.items(), row.visibility),
        may_set_visibility=there and row.hidden_at is None and may_edit(role, user, row),
        collections=[
            CollectionLink(one.pk, one.name, reverse("collection", args=[slug, one.pk]))
            for one in collections_of_generation(row)
        ],
        tags=[TagLink(word, gallery + query_of(GallerySearch(tag=word))) for word in tags_of_generation(row)],
        may_organise=there and allows(role, Verb.ORGANISE),
        shelf=PickerOptions.of(row.team, user),
    )


def _large(row: Generation | None) -> str:
    return f"/g/{row.id}/thumb/1280.webp" if row is not None and image_of(row) else ""
