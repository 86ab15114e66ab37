"""What a share link shows, and which links a team has.

A link shows what its creator may see and share at the moment it is opened: every answer begins with the rights the
creator has now.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from generations.models import (
    MANAGERS,
    Collection,
    CollectionItem,
    CollectionOrder,
    Generation,
    Membership,
    ShareLink,
    ShareVisit,
    State,
    Team,
    User,
    Visibility,
)
from generations.permissions import TABLE, Verb, allows, role_of
from generations.queries.site.keyset import Cursor, Page, page

PAGE_SIZE = 48
LINKS_A_PAGE = 30
# As the gallery counts; its queries ask this module, so it cannot be asked.
MAX_COUNTED = 1000
SHARERS = [role for role, verbs in TABLE.items() if Verb.SHARE in verbs]
NOT_ENDED = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))
# What `creator_may_share` answers, for rows of links.
MAY_STILL_SHARE = Exists(
    Membership.objects.filter(
        team=OuterRef("team"), user=OuterRef("creator"), user__is_active=True, role__in=SHARERS
    ).order_by()
)
NOT_PURGED = Q(generation=None) | Q(generation__purged_at=None)


@dataclass(frozen=True)
class VisitStatistics:
    """Of the last 90 days; older ones are forgotten."""

    count: int = 0
    last: datetime | None = None


def token_hash(token: str) -> str:
    """As the database keeps it. A token has 256 random bits, so a plain hash cannot be searched backwards."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def resolve_link(token: str) -> ShareLink | None:
    """The link that this token opens now; None for every reason why it opens nothing."""
    return _opening(ShareLink.objects.filter(token_hash=token_hash(token)))


def _opening(links: "QuerySet[ShareLink]") -> ShareLink | None:
    link = links.filter(NOT_ENDED).select_related("team", "creator", "collection").first()
    return link if link and creator_may_share(link) else None


def creator_may_share(link: ShareLink) -> bool:
    creator = link.creator
    return creator is not None and creator.is_active and allows(role_of(creator, link.team), Verb.SHARE)


def visible_generations(link: ShareLink) -> "QuerySet[Generation]":
    """The finished pictures behind a link, as far as its creator sees them. To be asked for by their ids: of a
    collection's order `page_of` knows more."""
    rows = _seen(link).select_related("image")
    if link.show_names:
        rows = rows.prefetch_related("author")
    if link.generation_id is not None:
        return rows.filter(id=link.generation_id)
    return rows.filter(collection_items__collection=link.collection_id)


def visible_generations_now(link: ShareLink) -> "QuerySet[Generation]":
    """For an answer that takes long: none, once the link that it began with has ended."""
    still = _opening(ShareLink.objects.filter(pk=link.pk))
    return visible_generations(still) if still else Generation.objects.none()


def generation_ids(link: ShareLink, *, most: int) -> list[uuid.UUID]:
    """The pictures of a collection in its order, the first so many of them."""
    return _ids(_behind(link, None), most)


def collection_page(link: ShareLink, before: uuid.UUID | None) -> Page[Generation]:
    """The pictures of a collection from behind `before` on, in the collection's order."""
    ids = _ids(_behind(link, before), PAGE_SIZE + 1)
    shown = ids[:PAGE_SIZE]
    rows = _rows(link, shown)
    return Page(
        [rows[id_] for id_ in shown if id_ in rows], older=shown[-1] if len(ids) > PAGE_SIZE else None, newer=None
    )


def neighbours_in_link(link: ShareLink, row: Generation) -> tuple[Generation | None, Generation | None]:
    """The pictures before and after this one in the collection's order."""
    ahead, behind = _ids(_ahead(link, row.id), 1), _ids(_behind(link, row.id), 1)
    rows = _rows(link, [*ahead, *behind])
    return rows.get(next(iter(ahead), row.id)), rows.get(next(iter(behind), row.id))


def cover_of(link: ShareLink) -> Generation | None:
    """The collection's cover, when the link shows it."""
    cover = link.collection.cover_id if link.collection else None
    return visible_generations(link).filter(id=cover).first() if cover else None


def private_in(collection: Collection, creator: User) -> int:
    """How many private pictures of it a link of this person shows, all her own; it stops at 1,001."""
    seen = creator.generations.shown().filter(visibility=Visibility.PRIVATE, state=State.DONE)
    return seen.filter(collection_items__collection=collection)[: MAX_COUNTED + 1].count()


def seen_by_link() -> "Q":
    """For rows of generations: whether a link shows the row to whoever has it, by itself or in a collection."""
    return Q(Exists(_showing("generation"))) | Q(Exists(_showing("collection__items__generation")))


def is_seen_by_link(row: Generation) -> bool:
    return Generation.objects.filter(seen_by_link(), id=row.id).exists()


def count_seen_by_link(rows: Sequence[Generation]) -> int:
    """How many of these a link shows now."""
    return Generation.objects.filter(seen_by_link(), id__in=[row.id for row in rows]).count()


def links_page(team: Team, viewer: User, *, ended: bool, cursor: Cursor) -> Page[ShareLink]:
    """The links this person may see, newest first: the ones that may still show something, or the others.

    What lies in the trash, or is private now, is brought back by whoever made the link, so that one is still open.
    """
    is_open = NOT_ENDED & NOT_PURGED & Q(MAY_STILL_SHARE)
    return page(links_seen_by(viewer, team).filter(~is_open if ended else is_open), cursor, LINKS_A_PAGE)


def links_seen_by(viewer: User, team: Team) -> "QuerySet[ShareLink]":
    """Her own; all of them where she may revoke all of them."""
    rows = ShareLink.objects.filter(team=team)
    rows = rows.select_related("creator", "revoked_by", "generation__image", "collection")
    return rows if allows(role_of(viewer, team), Verb.SHARE_ANY) else rows.filter(creator=viewer)


def visit_statistics(links: Iterable[ShareLink]) -> dict[uuid.UUID, VisitStatistics]:
    """One query over the visits of these links."""
    counted = ShareVisit.objects.filter(link__in=[link.id for link in links]).order_by().values_list("link")
    return {link: VisitStatistics(count, last) for link, count, last in counted.annotate(Count("id"), Max("at"))}


def _showing(path: str) -> "QuerySet[ShareLink]":
    """Links that lead to the outer row by way of `path`, made by people who may share it now."""
    seen = Q(**{f"{path}__visibility": Visibility.TEAM}) | Q(creator=OuterRef("author"))
    if path == "generation":
        seen |= Q(creator__memberships__role__in=MANAGERS)
    return ShareLink.objects.filter(
        NOT_ENDED,
        seen,
        creator__is_active=True,
        creator__memberships__team=F("team"),
        creator__memberships__role__in=SHARERS,
        **{path: OuterRef("pk")},
    )


def _seen(link: ShareLink) -> "QuerySet[Generation]":
    if link.creator is None:
        return Generation.objects.none()
    rows = Generation.objects.visible_to(link.creator).of_team(link.team).shown()
    if link.collection_id is not None:
        # What others keep private no collection shows, whoever shares it: it may be put in, or made private, later on.
        rows = rows.filter(Q(visibility=Visibility.TEAM) | Q(author=link.creator))
    return rows.filter(state=State.DONE, image__isnull=False)


def _items(link: ShareLink) -> "QuerySet[CollectionItem]":
    """The places of a collection whose pictures the link shows. Joined, the pictures would tempt a database to walk
    through all that the team ever made."""
    seen = _seen(link).filter(id=OuterRef("generation"))
    return CollectionItem.objects.filter(Exists(seen), collection=link.collection_id)


def _behind(link: ShareLink, before: uuid.UUID | None) -> "QuerySet[CollectionItem]":
    """A picture that has left the collection names no place; then the list begins again."""
    items = _items(link)
    if not _by_hand(link):
        return (items.filter(generation_id__lt=before) if before else items).order_by("-generation_id")
    place = _place(link, before) if before else None
    if place is not None:
        items = items.filter(position__gte=place).exclude(position=place, generation_id__gte=before)
    return items.order_by("position", "-generation_id")


def _ahead(link: ShareLink, of: uuid.UUID) -> "QuerySet[CollectionItem]":
    items = _items(link)
    if not _by_hand(link):
        return items.filter(generation_id__gt=of).order_by("generation_id")
    place = _place(link, of)
    if place is None:
        return items.none()
    ahead = items.filter(position__lte=place).exclude(position=place, generation_id__lte=of)
    return ahead.order_by("-position", "generation_id")


def _ids(items: "QuerySet[CollectionItem]", most: int) -> list[uuid.UUID]:
    return list(items.values_list("generation_id", flat=True)[:most])


def _rows(link: ShareLink, ids: list[uuid.UUID]) -> dict[uuid.UUID, Generation]:
    return {row.id: row for row in visible_generations(link).filter(id__in=ids)}


def _by_hand(link: ShareLink) -> bool:
    return link.collection is not None and link.collection.order == CollectionOrder.HAND


def _place(link: ShareLink, generation_id: uuid.UUID) -> int | None:
    items = CollectionItem.objects.filter(collection=link.collection_id, generation=generation_id)
    return items.values_list("position", flat=True).first()
