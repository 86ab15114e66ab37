"""Collections and what is in them; nobody counts or sees in one what she may not see."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from generations.models import Collection, CollectionItem, CollectionOrder, Generation, State, Team, User, uuid7_time
from generations.queries.gallery.gallery import GallerySearch, search_generations, with_cards
from generations.queries.site.counts import COUNT_LIMIT, CountSubquery
from generations.queries.site.keyset import Cursor, Page, page

PAGE_SIZE = 48
# What a menu, a select or the suggestions of a field list.
MAX_LISTED = 200
# An order by hand is read as a whole; nobody makes one by hand for more.
MAX_MANUAL_ORDER = 5000


@dataclass(frozen=True)
class CollectionCard:
    """One collection as this viewer sees it; `count` stops at 1,001, which means more than 1,000."""

    collection: Collection
    count: int
    newest: datetime | None
    cover: Generation | None


def collection_names(team: Team) -> list[tuple[uuid.UUID, str]]:
    rows = Collection.objects.filter(team=team).order_by("name")
    return list(rows.values_list("id", "name")[:MAX_LISTED])


def collections_of_generation(generation: Generation) -> list[Collection]:
    return list(Collection.objects.filter(items__generation=generation).order_by("name"))


def cards_page(team: Team, viewer: User, cursor: Cursor) -> tuple[Page[Collection], list[CollectionCard]]:
    """Newest collection first, in two queries whatever their number."""
    found = page(_with_sums(Collection.objects.filter(team=team), viewer), cursor, PAGE_SIZE)
    return found, _cards(found.rows)


def card(collection: Collection, viewer: User) -> CollectionCard:
    return _cards(list(_with_sums(Collection.objects.filter(pk=collection.pk), viewer)))[0]


def cover_images(ids: Iterable[uuid.UUID], viewer: User) -> dict[uuid.UUID, Generation]:
    """The picture that stands for each collection, as its card shows it; two queries."""
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
    """A page in the order chosen by hand, behind the picture that `before` names."""
    ids = manual_order(collection, viewer)
    start = ids.index(before) + 1 if before in ids else 0
    part = ids[start : start + size]
    found = with_cards(Generation.objects.filter(id__in=part), viewer).in_bulk()
    older = part[-1] if start + size < len(ids) else None
    return Page([found[id_] for id_ in part if id_ in found], older=older, newer=None)


def manual_neighbours(
    collection: Collection, viewer: User, of: uuid.UUID
) -> tuple[Generation | None, Generation | None]:
    ids = manual_order(collection, viewer)
    if of not in ids:
        return None, None
    place = ids.index(of)
    found = Generation.objects.select_related("image").in_bulk(ids[max(0, place - 1) : place + 2])
    before = found[ids[place - 1]] if place else None
    return before, found[ids[place + 1]] if place + 1 < len(ids) else None


def manual_order(collection: Collection, viewer: User) -> list[uuid.UUID]:
    rows = search_generations(collection.team, GallerySearch(collection=collection.pk), viewer)
    return list(rows.order_by("collection_items__position", "-id").values_list("id", flat=True)[:MAX_MANUAL_ORDER])


def in_order(collection: Collection) -> list[CollectionItem]:
    """Everything in it as it stands now, by date or by hand; also what some may not see."""
    items = CollectionItem.objects.filter(collection=collection)
    by_hand = ["position"] if collection.order == CollectionOrder.HAND else []
    return list(items.order_by(*by_hand, "-generation"))


def all_generations(collection: Collection, viewer: User, *, most: int = MAX_MANUAL_ORDER) -> list[uuid.UUID]:
    """The ids of what the viewer sees in it, in its order, the first so many of them."""
    if collection.order == CollectionOrder.HAND:
        return manual_order(collection, viewer)[:most]
    rows = search_generations(collection.team, GallerySearch(collection=collection.pk), viewer).order_by("-id")
    return list(rows.values_list("id", flat=True)[:most])
