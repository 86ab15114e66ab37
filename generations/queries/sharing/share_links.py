"""Contents of share links, and the links of a team.

A link shows what its creator can see and share at the moment it is opened, so every query begins with the creator's
present rights.
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
# The same ceiling as in the gallery, repeated here because the gallery imports this module.
MAX_COUNTED = 1000
SHARERS = [role for role, verbs in TABLE.items() if Verb.SHARE in verbs]
NOT_ENDED = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=Now()))
# `creator_may_share` as a condition on links.
MAY_STILL_SHARE = Exists(
    Membership.objects.filter(
        team=OuterRef("team"), user=OuterRef("creator"), user__is_active=True, role__in=SHARERS
    ).order_by()
)
NOT_PURGED = Q(generation=None) | Q(generation__purged_at=None)


@dataclass(frozen=True)
class VisitStatistics:
    """Number and time of the visits that are kept, those of the last 90 days."""

    count: int = 0
    last: datetime | None = None


def token_hash(token: str) -> str:
    """Return the hash under which the database keeps a token; unsalted, because tokens have 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def resolve_link(token: str) -> ShareLink | None:
    """Return the link that this token opens now, or None, whatever the reason."""
    return _opening(ShareLink.objects.filter(token_hash=token_hash(token)))


def _opening(links: "QuerySet[ShareLink]") -> ShareLink | None:
    link = links.filter(NOT_ENDED).select_related("team", "creator", "collection").first()
    return link if link and creator_may_share(link) else None


def creator_may_share(link: ShareLink) -> bool:
    """Return whether the link's creator is active and may still share in the team."""
    creator = link.creator
    return creator is not None and creator.is_active and allows(role_of(creator, link.team), Verb.SHARE)


def visible_generations(link: ShareLink) -> "QuerySet[Generation]":
    """Return the finished pictures behind a link that its creator can see.

    Filter them by id; the order of a collection comes from `collection_page`.
    """
    rows = _seen(link).select_related("image")
    if link.show_names:
        rows = rows.prefetch_related("author")
    if link.generation_id is not None:
        return rows.filter(id=link.generation_id)
    return rows.filter(collection_items__collection=link.collection_id)


def visible_generations_now(link: ShareLink) -> "QuerySet[Generation]":
    """Return `visible_generations`, or none if the link has ended by now; for responses that take long."""
    still = _opening(ShareLink.objects.filter(pk=link.pk))
    return visible_generations(still) if still else Generation.objects.none()


def generation_ids(link: ShareLink, *, most: int) -> list[uuid.UUID]:
    """Return the ids of the first `most` pictures of the link's collection, in its order."""
    return _ids(_behind(link, None), most)


def collection_page(link: ShareLink, before: uuid.UUID | None) -> Page[Generation]:
    """Return a page of the link's collection, in its order, after the picture `before`."""
    ids = _ids(_behind(link, before), PAGE_SIZE + 1)
    shown = ids[:PAGE_SIZE]
    rows = _rows(link, shown)
    return Page(
        [rows[id_] for id_ in shown if id_ in rows], older=shown[-1] if len(ids) > PAGE_SIZE else None, newer=None
    )


def neighbours_in_link(link: ShareLink, row: Generation) -> tuple[Generation | None, Generation | None]:
    """Return the pictures before and after this one in the collection's order."""
    ahead, behind = _ids(_ahead(link, row.id), 1), _ids(_behind(link, row.id), 1)
    rows = _rows(link, [*ahead, *behind])
    return rows.get(next(iter(ahead), row.id)), rows.get(next(iter(behind), row.id))


def cover_of(link: ShareLink) -> Generation | None:
    """Return the collection's cover if the link shows it, else None."""
    cover = link.collection.cover_id if link.collection else None
    return visible_generations(link).filter(id=cover).first() if cover else None


def private_in(collection: Collection, creator: User) -> int:
    """Return how many of the user's own private pictures a link of theirs would show, capped at 1,001.

    Other users' private pictures are not shown by a collection's link.
    """
    seen = creator.generations.shown().filter(visibility=Visibility.PRIVATE, state=State.DONE)
    return seen.filter(collection_items__collection=collection)[: MAX_COUNTED + 1].count()


def seen_by_link() -> "Q":
    """Return the condition on pictures that a share link shows them, directly or in a collection."""
    return Q(hidden_at=None) & (
        Q(Exists(_showing("generation"))) | Q(Exists(_showing("collection__items__generation")))
    )


def is_seen_by_link(row: Generation) -> bool:
    """Return whether a share link shows the picture now."""
    return Generation.objects.filter(seen_by_link(), id=row.id).exists()


def count_seen_by_link(rows: Sequence[Generation]) -> int:
    """Return how many of these pictures a share link shows now."""
    return Generation.objects.filter(seen_by_link(), id__in=[row.id for row in rows]).count()


def creators_of_links(team: Team, most: int) -> list[User]:
    """Return the users whose links of this team are not revoked, by name, at most so many."""
    creators = team.share_links.filter(revoked_at=None).values("creator")
    return list(User.objects.filter(pk__in=creators).order_by("folded_name", "email")[:most])


def links_to(thing: Generation | Collection, viewer: User) -> "QuerySet[ShareLink]":
    """Return the links to this picture or collection that the user sees in lists."""
    shown = {"generation" if isinstance(thing, Generation) else "collection": thing.pk}
    return links_seen_by(viewer, thing.team).filter(**shown)


def own_open_link(thing: Generation | Collection, user: User) -> ShareLink | None:
    """Return the user's newest link to this thing that has not ended and whose token can be copied again."""
    open_ones = links_to(thing, user).filter(NOT_ENDED, creator=user).exclude(token_encrypted="")
    return open_ones.order_by("-id").first()


def last_link_of(user: User, team: Team) -> ShareLink | None:
    """Return the link that the user created last in this team, whose options the next one begins with."""
    return ShareLink.objects.filter(team=team, creator=user).order_by("-id").first()


def links_page(team: Team, viewer: User, *, ended: bool, cursor: Cursor) -> Page[ShareLink]:
    """Return a page of the links the user may see, newest first: those that may still show something, or the rest.

    `ended` selects the rest. A link to a picture that is private or in the trash counts as open, because its creator
    can make it visible again.
    """
    is_open = NOT_ENDED & NOT_PURGED & Q(MAY_STILL_SHARE)
    return page(links_seen_by(viewer, team).filter(~is_open if ended else is_open), cursor, LINKS_A_PAGE)


def links_seen_by(viewer: User, team: Team) -> "QuerySet[ShareLink]":
    """Return the user's own links, or all links of the team if the user may revoke all."""
    rows = ShareLink.objects.filter(team=team)
    rows = rows.select_related("creator", "revoked_by", "generation__image", "collection")
    return rows if allows(role_of(viewer, team), Verb.SHARE_ANY) else rows.filter(creator=viewer)


def visit_statistics(links: Iterable[ShareLink]) -> dict[uuid.UUID, VisitStatistics]:
    """Return the visits by link, in one query; links without a visit are left out."""
    counted = ShareVisit.objects.filter(link__in=[link.id for link in links]).order_by().values_list("link")
    return {link: VisitStatistics(count, last) for link, count, last in counted.annotate(Count("id"), Max("at"))}


def _showing(path: str) -> "QuerySet[ShareLink]":
    """Return the links that lead to the outer row by way of `path` and whose creators may share it now."""
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
    rows = Generation.objects.visible_to(link.creator).of_team(link.team).shown().filter(hidden_at=None)
    if link.collection_id is not None:
        # A collection's link, even a manager's, shows no private pictures of other users, because pictures can be added
        # or made private after the link was created.
        rows = rows.filter(Q(visibility=Visibility.TEAM) | Q(author=link.creator))
    return rows.filter(state=State.DONE, image__isnull=False)


def _items(link: ShareLink) -> "QuerySet[CollectionItem]":
    """Return the items of a collection whose pictures the link shows.

    With a join instead of EXISTS, the planner may walk through all pictures of the team.
    """
    seen = _seen(link).filter(id=OuterRef("generation"))
    return CollectionItem.objects.filter(Exists(seen), collection=link.collection_id)


def _behind(link: ShareLink, before: uuid.UUID | None) -> "QuerySet[CollectionItem]":
    """Return the items after `before`; from the beginning if that picture is not in the collection any more."""
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
