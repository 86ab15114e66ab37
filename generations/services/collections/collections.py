"""Collections: create, rename, fill and sort them."""

import uuid
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.folding import fold
from generations.models import (
    ActivityKind,
    Collection,
    CollectionItem,
    CollectionOrder,
    Generation,
    NotificationKind,
    Team,
    User,
)
from generations.queries.collections.collections import MAX_MANUAL_ORDER, in_order
from generations.services.activity.notifications import notify_authors
from generations.services.activity.record import record
from generations.services.site import rate_limits
from generations.services.site.cost_centres import clean_cost_centre

MAX_NAME_LENGTH = 80
MAX_DESCRIPTION_LENGTH = 2000
PLACES = ("first", "earlier", "later", "last")


def create(*, actor: User, team: Team, name: str, description: str = "") -> Collection:
    """Create a collection.

    Raises GalleryError when the name is empty, too long or taken, or the description too long, and TooManyRequests.
    """
    name = clean_name(name)
    if find_by_name(team, name):
        raise _taken(name)
    try:
        with transaction.atomic():
            rate_limits.acquire("collection", user=actor)
            return Collection.objects.create(
                team=team, name=name, description=clean_description(description), author=actor
            )
    except IntegrityError:
        raise _taken(name) from None


def create_from_generations(
    *, actor: User, team: Team, generations: Sequence[Generation], name: str = ""
) -> Collection:
    """Create a collection of these pictures; without a name it is named after the day.

    Never adds to an existing collection: the day's name gets a number if it is taken. Raises GalleryError when the name
    is too long or taken, and TooManyRequests.
    """
    with transaction.atomic():
        made = create(actor=actor, team=team, name=name or _name_of_the_day(team))
        add(actor=actor, collection=made, generations=generations)
    return made


def get_or_create(*, actor: User, team: Team, name: str) -> Collection:
    """Return the collection with this name or id, created if there is none."""
    found = find(team, name)
    if found:
        return found
    try:
        return create(actor=actor, team=team, name=name)
    except GalleryError:
        # Another request may have created it in the meantime; any other error is raised again.
        found = find(team, name)
        if found is None:
            raise
        return found


def find(team: Team, text: str) -> Collection | None:
    """Return the team's collection with this id or name, or None."""
    try:
        return Collection.objects.filter(team=team, id=uuid.UUID(text.strip())).first()
    except ValueError:
        return find_by_name(team, text)


def find_by_name(team: Team, name: str) -> Collection | None:
    """Return the team's collection with this name, folded, or None."""
    return Collection.objects.filter(team=team, folded_name=fold(name)).first()


@transaction.atomic
def change(*, collection: Collection, name: str, description: str, order: str, cost_centre: str) -> None:
    """Set name, description, order and cost centre of a collection.

    Raises GalleryError when the name is empty, too long or taken, when the description is too long, when the order is
    unknown, when the collection has too many pictures for a manual order, or when the cost centre is unusable.
    """
    collection = _locked(collection)
    name = clean_name(name)
    other = find_by_name(collection.team, name)
    if other is not None and other != collection:
        raise _taken(name)
    if order not in CollectionOrder.values:
        raise GalleryError(_("Choose an order: newest first or manual."))
    if order == CollectionOrder.HAND and collection.order != order:
        _number(_prepare_manual_order(collection))  # a manual order starts with the order shown last
    collection.name, collection.description, collection.order = name, clean_description(description), order
    collection.cost_centre = clean_cost_centre(cost_centre)
    try:
        with transaction.atomic():
            collection.save(update_fields=["name", "folded_name", "description", "order", "cost_centre"])
    except IntegrityError:
        raise _taken(name) from None


def set_cover(*, collection: Collection, generation: Generation) -> None:
    """Make a picture the cover. Raises GalleryError when it is not in the collection."""
    if not CollectionItem.objects.filter(collection=collection, generation=generation).exists():
        raise GalleryError(_("Only a picture in this collection can be its cover. Add it first."))
    Collection.objects.filter(pk=collection.pk).update(cover=generation)


def delete(*, collection: Collection) -> None:
    """Delete a collection; its pictures stay."""
    collection.delete()


@transaction.atomic
def add(*, actor: User, collection: Collection, generations: Sequence[Generation]) -> int:
    """Add pictures and return how many were not in the collection before; in a manual order they go to the end."""
    # Locked so that two users who add at the same moment get different positions.
    collection = _locked(collection)
    there = set(_items(collection, generations).values_list("generation", flat=True))
    fresh = [row for row in generations if row.pk not in there]
    first = 0
    if collection.order == CollectionOrder.HAND:
        first = (CollectionItem.objects.filter(collection=collection).aggregate(last=Max("position"))["last"] or 0) + 1
    CollectionItem.objects.bulk_create(
        CollectionItem(collection=collection, generation=row, added_by=actor, position=first and first + number)
        for number, row in enumerate(fresh)
    )
    if fresh:
        _notify_authors(actor, collection, fresh)
    return len(fresh)


def _notify_authors(actor: User, collection: Collection, generations: Sequence[Generation]) -> None:
    done = record(
        actor=actor, team=collection.team, kind=ActivityKind.COLLECTED, generations=generations, collection=collection
    )
    notify_authors(actor=actor, team=collection.team, kind=NotificationKind.COLLECTED, activity=done)


@transaction.atomic
def remove(*, collection: Collection, generations: Sequence[Generation]) -> int:
    """Remove pictures and return how many were in the collection; a removed cover is replaced by the newest picture."""
    ids = [row.pk for row in generations]
    Collection.objects.filter(pk=collection.pk, cover__in=ids).update(cover=None)
    return _items(collection, generations).delete()[0]


@transaction.atomic
def move(*, collection: Collection, generations: Iterable[Generation], to: str) -> None:
    """Move pictures as a block in a manual order: to the `first` or `last` place, or one place `earlier` or `later`.

    Raises GalleryError when the order is by date or too long, or `to` is none of PLACES.
    """
    collection = _locked(collection)
    if collection.order != CollectionOrder.HAND:
        raise GalleryError(_("This collection is sorted by date. Switch to manual order first."))
    if to not in PLACES:
        raise GalleryError(_("Choose where to move the pictures: to the start, earlier, later or to the end."))
    chosen = {row.pk for row in generations}
    _number(_moved(_prepare_manual_order(collection), chosen, to))


def _prepare_manual_order(collection: Collection) -> list[CollectionItem]:
    items = in_order(collection)
    if len(items) > MAX_MANUAL_ORDER:
        sentence = _("Manual order works for up to %(maximum)s pictures; this collection has %(count)s.")
        numbers = {"maximum": MAX_MANUAL_ORDER, "count": len(items)}
        raise GalleryError(sentence % {name: number_format(n, force_grouping=True) for name, n in numbers.items()})
    return items


def _locked(collection: Collection) -> Collection:
    found = Collection.objects.select_for_update().filter(pk=collection.pk).first()
    if found is None:
        raise GalleryError(_("This collection has been deleted."))
    return found


def _moved(items: list[CollectionItem], chosen: set[uuid.UUID], to: str) -> list[CollectionItem]:
    block = [item for item in items if item.generation_id in chosen]
    rest = [item for item in items if item.generation_id not in chosen]
    places = [number for number, item in enumerate(items) if item.generation_id in chosen]
    if not places:
        return items
    # Counted without the block: how many of the rest come before its last item.
    before_last = sum(item.generation_id not in chosen for item in items[: places[-1]])
    start = {"first": 0, "earlier": max(0, places[0] - 1), "later": before_last + 1, "last": len(rest)}[to]
    return rest[:start] + block + rest[start:]


def _number(items: list[CollectionItem]) -> None:
    changed = []
    for number, item in enumerate(items, start=1):
        if item.position != number:
            item.position = number
            changed.append(item)
    CollectionItem.objects.bulk_update(changed, ["position"], batch_size=200)


def _items(collection: Collection, generations: Sequence[Generation]) -> "QuerySet[CollectionItem]":
    return CollectionItem.objects.filter(collection=collection, generation__in=[row.pk for row in generations])


def _name_of_the_day(team: Team) -> str:
    """Return a name with today's date, followed by a number if that name is taken."""
    name = _("Pictures from %(day)s") % {"day": date_format(timezone.localdate())}
    there = Collection.objects.filter(team=team, folded_name__startswith=fold(name))
    taken = set(there.values_list("folded_name", flat=True))
    numbered = (f"{name}, {number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if fold(one) not in taken)


def clean_name(name: str) -> str:
    """Return the name with single spaces. Raises GalleryError when it is empty or too long."""
    name = " ".join(name.replace("\0", "").split())
    if not fold(name):
        raise GalleryError(_("Enter a name for the collection."))
    if len(name) > MAX_NAME_LENGTH:
        sentence = _("The name has %(count)s characters; the maximum is %(maximum)s. Shorten it.")
        raise GalleryError(sentence % {"count": len(name), "maximum": MAX_NAME_LENGTH})
    return name


def clean_description(text: str) -> str:
    """Return the description with uniform line ends. Raises GalleryError when it is too long."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > MAX_DESCRIPTION_LENGTH:
        sentence = _("The description has %(count)s characters; the maximum is %(maximum)s. Shorten it.")
        numbers = {"count": len(text), "maximum": MAX_DESCRIPTION_LENGTH}
        raise GalleryError(sentence % {name: number_format(n, force_grouping=True) for name, n in numbers.items()})
    return text


def _taken(name: str) -> GalleryError:
    return GalleryError(_("A collection named “%(name)s” already exists. Choose another name.") % {"name": name})
