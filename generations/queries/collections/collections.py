"""Collections and their contents; pictures that the user cannot see are neither counted nor shown."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from generations.models import (
    Collection,
    CollectionItem,
    CollectionOrder,
    Generation,
    State,
    Team,
    User,
    parse_uuid,
    uuid7_time,
)
from generations.queries.gallery.gallery import GallerySearch, search_generations, with_cards
from generations.queries.site.counts import COUNT_LIMIT, CountSubquery
from generations.queries.site.keyset import Cursor, Page, page

PAGE_SIZE = 48
# Entries in a menu, a select or a field's suggestions.
MAX_LISTED = 200
# A manual order is always read as a whole, hence the ceiling.
MAX_MANUAL_ORDER = 5000


@dataclass(frozen=True)
class CollectionCard:
    """One collection as this user sees it; `count` stops at 1,001, which means more than 1,000."""

    collection: Collection
    count: int
    newest: datetime | None
    cover: Generation | None


def collection_names(team: Team) -> list[tuple[uuid.UUID, str]]:
    """Return ids and names by name, at most MAX_LISTED."""
    return [(id_, name) for id_, name, _ in collection_options(team)]


def collection_options(team: Team) -> list[tuple[uuid.UUID, str, str]]:
    """Return ids, names and cost centres by name, at most MAX_LISTED."""
    rows = Collection.objects.filter(team=team).order_by("folded_name")
    return list(rows.values_list("id", "name", "cost_centre")[:MAX_LISTED])


def collection_of(team: Team, id_: str) -> Collection | None:
    """Return the team's collection with this id, as a form sends it; None without one."""
    found = parse_uuid(id_)
    return Collection.objects.filter(team=team, pk=found).first() if found else None


def find_collection(collection_id: uuid.UUID) -> Collection | None:
    """Return the collection with its team, or None."""
    return Collection.objects.select_related("team").filter(id=collection_id).first()


def collections_of_generation(generation: Generation) -> list[Collection]:
    """Return the collections that contain the picture, by name."""
    return list(Collection.objects.filter(items__generation=generation).order_by("folded_name"))


def cards_page(team: Team, viewer: User, cursor: Cursor) -> tuple[Page[Collection], list[CollectionCard]]:
    """Return a page of collections, newest first, and their cards, in two queries."""
    found = page(_with_sums(Collection.objects.filter(team=team), viewer), cursor, PAGE_SIZE)
    return found, _cards(found.rows)


def card(collection: Collection, viewer: User) -> CollectionCard:
    """Return the card of one collection."""
    return _cards(list(_with_sums(Collection.objects.filter(pk=collection.pk), viewer)))[0]


def cover_images(ids: Iterable[uuid.UUID], viewer: User) -> dict[uuid.UUID, Generation]:
    """Return each collection's cover, as its card shows it, in two queries; those without a cover are left out."""
    rows: list[Any] = list(_with_cover(Collection.objects.filter(pk__in=set(ids)), viewer))
    covers = _covers(rows)
    return {row.pk: covers[row.seen_cover] for row in rows if row.seen_cover in covers}


def _with_sums(rows: "QuerySet[Collection]", viewer: User) -> "QuerySet[Collection]":
    inside = _inside(viewer)
    return _with_cover(rows, viewer).annotate(
        seen_count=CountSubquery(inside.values("pk")[: COUNT_LIMIT + 1]),
        seen_newest=Subquery(inside.order_by("-id").values("pk")[:1]),
    )


def _with_cover(rows: "QuerySet[Collection]", viewer: User) -> "QuerySet[Collection]":
    pictures = _inside(viewer).filter(state=State.DONE, image__isnull=False)
    chosen = Generation.objects.visible_to(viewer).shown().order_by().filter(pk=OuterRef("cover"), image__isnull=False)
    return rows.annotate(
        seen_cover=Coalesce(Subquery(chosen.values("pk")[:1]), Subquery(pictures.order_by("-id").values("pk")[:1]))
    )


def _inside(viewer: User) -> "QuerySet[Generation]":
    return Generation.objects.visible_to(viewer).shown().order_by().filter(collection_items__collection=OuterRef("pk"))


def _cards(rows: list[Any]) -> list[CollectionCard]:
    covers = _covers(rows)
    return [
        CollectionCard(
            row,
            row.seen_count,
            uuid7_time(row.seen_newest) if row.seen_newest else None,
            covers.get(row.seen_cover),
        )
        for row in rows
    ]


def _covers(rows: list[Any]) -> dict[uuid.UUID, Generation]:
    return Generation.objects.select_related("image").in_bulk([row.seen_cover for row in rows if row.seen_cover])


def manual_page(collection: Collection, viewer: User, before: uuid.UUID | None, size: int) -> Page[Generation]:
    """Return a page in manual order, after the picture `before`, or the first page if that is not in the collection."""
    ids = manual_order(collection, viewer)
    start = ids.index(before) + 1 if before in ids else 0
    part = ids[start : start + size]
    found = with_cards(Generation.objects.filter(id__in=part), viewer).in_bulk()
    older = part[-1] if start + size < len(ids) else None
    return Page([found[id_] for id_ in part if id_ in found], older=older, newer=None)


def manual_neighbours(
    collection: Collection, viewer: User, of: uuid.UUID
) -> tuple[Generation | None, Generation | None]:
    """Return the pictures before and after this one in manual order."""
    ids = manual_order(collection, viewer)
    if of not in ids:
        return None, None
    place = ids.index(of)
    found = Generation.objects.select_related("image").in_bulk(ids[max(0, place - 1) : place + 2])
    before = found[ids[place - 1]] if place else None
    return before, found[ids[place + 1]] if place + 1 < len(ids) else None


def manual_order(collection: Collection, viewer: User) -> list[uuid.UUID]:
    """Return the ids the user can see in manual order, at most MAX_MANUAL_ORDER."""
    rows = search_generations(collection.team, GallerySearch(collection=collection.pk), viewer)
    return list(rows.order_by("collection_items__position", "-id").values_list("id", flat=True)[:MAX_MANUAL_ORDER])


def in_order(collection: Collection) -> list[CollectionItem]:
    """Return all items in the collection's present order, including pictures that some users cannot see."""
    items = CollectionItem.objects.filter(collection=collection)
    by_hand = ["position"] if collection.order == CollectionOrder.HAND else []
    return list(items.order_by(*by_hand, "-generation"))


def all_generations(collection: Collection, viewer: User, *, most: int = MAX_MANUAL_ORDER) -> list[uuid.UUID]:
    """Return the ids of the pictures the user can see, in the collection's order, at most `most`."""
    if collection.order == CollectionOrder.HAND:
        return manual_order(collection, viewer)[:most]
    rows = search_generations(collection.team, GallerySearch(collection=collection.pk), viewer).order_by("-id")
    return list(rows.values_list("id", flat=True)[:most])
