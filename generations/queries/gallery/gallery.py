"""What a gallery shows: a search is a value, and a page, its neighbours and its count come from the same rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from generations.models import Favourite, Generation, State, Team, Total, User, uuid7_min, uuid7_time
from generations.queries.gallery.text_match import matching_words
from generations.queries.sharing.share_links import seen_by_link
from generations.queries.site.counts import COUNT_LIMIT
from generations.queries.site.keyset import Cursor, Page, neighbours, page

PAGE_SIZE = 48
PERIODS = ("today", "yesterday", "this-week", "last-week", "month")


@dataclass(frozen=True)
class GallerySearch:
    """`person` is a user's key; `size` and `speed` are short option names; the days are inclusive, local time.

    `period` is one of PERIODS, moves with the calendar and stands in the place of days. `collection` is one of the
    same team; what it may not show to the viewer is left out as everywhere. `family` is one of `schema.family`.
    """

    q: str = ""
    person: int | None = None
    size: str = ""
    speed: str = ""
    state: str = ""
    favourite: bool = False
    collection: uuid.UUID | None = None
    tag: str = ""
    family: str = ""
    first_day: date | None = None
    last_day: date | None = None
    period: str = ""

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day as they are meant today."""
        return days_of(self.period, timezone.localdate()) if self.period else (self.first_day, self.last_day)

    @property
    def active(self) -> bool:
        return self != GallerySearch()


@dataclass(frozen=True)
class DaySum:
    count: int
    cost: Decimal
    # False when the list was cut off within this day, so count and cost are lower bounds.
    whole: bool


def search_generations(team: Team, search: GallerySearch, viewer: User) -> "QuerySet[Generation]":
    """The rows of a gallery; each carries `starred`, whether the viewer made it a favourite."""
    rows = Generation.objects.visible_to(viewer).shown()
    # A collection and a tag name their team themselves. Said twice, SQLite reads the whole team for a few pictures.
    if not (search.collection or search.tag):
        rows = rows.of_team(team)
    equal = {
        "author": search.person, "size": search.size, "speed": search.speed, "state": search.state,
        "family": search.family,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    if search.collection:
        inside = {"collection_items__collection": search.collection, "collection_items__collection__team": team}
        rows = rows.filter(**inside)
    if search.tag:
        rows = rows.filter(taggings__tag__team=team, taggings__tag__name=search.tag)
    # An id holds the time it was drawn, so a range of days is a range of ids and needs no index of its own.
    first_day, last_day = search.days
    if first_day:
        rows = rows.filter(id__gte=uuid7_min(_midnight(first_day)))
    if last_day:
        rows = rows.filter(id__lt=uuid7_min(_midnight(last_day + timedelta(days=1))))
    stars = Favourite.objects.filter(user=viewer, generation=OuterRef("pk"))
    if search.favourite:
        rows = rows.filter(Exists(stars))
    if search.q:
        # The words of others show when their picture does; a search must not tell them sooner.
        rows = rows.filter(Q(author=viewer) | ~Q(state__in=[State.QUEUED, State.RUNNING]))
    return matching_words(rows, search.q)


def days_of(period: str, today: date) -> tuple[date, date]:
    """The first and the last day of it; weeks begin on Monday, a month is the last 30 days."""
    monday = today - timedelta(days=today.weekday())
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "this-week": (monday, today),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (today - timedelta(days=29), today),
    }[period]


def with_cards(rows: "QuerySet[Generation]", viewer: User) -> "QuerySet[Generation]":
    """What a card shows, in three queries: the row with its image, the viewer's star and whether a link shows it, the
    authors, the team."""
    stars = Favourite.objects.filter(user=viewer, generation=OuterRef("pk"))
    # Joined, authors and teams would tempt SQLite to begin with them and to sort every picture.
    return (
        rows.select_related("image")
        .prefetch_related("author", "team")
        .annotate(starred=Exists(stars), linked=seen_by_link())
    )


def is_starred(row: Generation, viewer: User) -> bool:
    return Favourite.objects.filter(user=viewer, generation=row).exists()


def gallery_page(team: Team, search: GallerySearch, viewer: User, cursor: Cursor) -> Page[Generation]:
    return page(with_cards(search_generations(team, search, viewer), viewer), cursor, PAGE_SIZE)


def gallery_neighbours(
    team: Team, search: GallerySearch, viewer: User, of: uuid.UUID
) -> tuple[Generation | None, Generation | None]:
    return neighbours(search_generations(team, search, viewer).select_related("image"), of)


def count_capped(rows: "QuerySet[Generation]") -> int:
    """Exact up to 1,000; 1,001 means more than that. A full count would grow with the table."""
    return rows.order_by()[: COUNT_LIMIT + 1].count()


@dataclass(frozen=True)
class SearchTotal:
    """What a search found, and what that cost; of more than 1,000 pictures `cost` is that of the newest 1,000."""

    count: int
    cost: Decimal
    estimated: bool

    @property
    def whole(self) -> bool:
        return self.count <= COUNT_LIMIT


def search_total(rows: "QuerySet[Generation]") -> SearchTotal:
    """From one query over at most 1,001 rows."""
    some = rows.order_by("-id")[: COUNT_LIMIT + 1]
    said = some.aggregate(
        count=Count("id"), total=Total("cost"), estimated=Count("id", Q(cost_estimated=True, cost__isnull=False))
    )
    cost: Decimal = said["total"]
    if said["count"] > COUNT_LIMIT:
        last = rows.order_by("-id").values_list("cost", flat=True)[COUNT_LIMIT]
        cost -= last or Decimal(0)
    return SearchTotal(said["count"], cost, said["estimated"] > 0)


def day_sums(rows: "QuerySet[Generation]", days: list[date]) -> dict[date, DaySum]:
    """Pictures and dollars of each of these days, from one query over at most 1,001 rows."""
    if not days:
        return {}
    low, high = uuid7_min(_midnight(min(days))), uuid7_min(_midnight(max(days) + timedelta(days=1)))
    found = list(rows.filter(id__gte=low, id__lt=high).order_by("-id").values_list("id", "cost")[: COUNT_LIMIT + 1])
    sums: dict[date, DaySum] = {}
    for id_, cost in found[:COUNT_LIMIT]:
        day = day_of(id_)
        before = sums.get(day, DaySum(0, Decimal(0), whole=True))
        sums[day] = DaySum(before.count + 1, before.cost + (cost or 0), whole=True)
    if len(found) > COUNT_LIMIT:
        cut = day_of(found[COUNT_LIMIT - 1][0])
        sums[cut] = DaySum(sums[cut].count, sums[cut].cost, whole=False)
    return sums


def trash_page(team: Team, viewer: User, cursor: Cursor) -> Page[Generation]:
    rows = Generation.objects.visible_to(viewer).of_team(team).in_trash()
    return page(with_cards(rows, viewer), cursor, PAGE_SIZE)


def day_of(id_: uuid.UUID) -> date:
    return timezone.localdate(uuid7_time(id_))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
