"""Gallery contents: page, neighbours, counts and sums all come from the rows of one search."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from generations.folding import fold
from generations.models import Favourite, Generation, State, Team, Total, User, uuid7_min, uuid7_time
from generations.queries.gallery.collapsed import newest_of_batches
from generations.queries.sharing.share_links import seen_by_link
from generations.queries.site.counts import COUNT_LIMIT
from generations.queries.site.keyset import Cursor, Page, neighbours, page

PAGE_SIZE = 48
# How long "Undo" restores a whole deletion; single pictures can be restored for as long as the trash keeps them.
UNDO = timedelta(days=1)
MAX_WORDS = 10
PERIODS = ("today", "yesterday", "this-week", "last-week", "month")


@dataclass(frozen=True)
class GallerySearch:
    """Filters of a gallery.

    `person` is a user's primary key; `size` and `speed` are the schema's short names; the days are inclusive, in local
    time. `period` is one of PERIODS; it moves with the calendar and replaces the days. `prompt_group` is a
    `schema.prompt_group`. `collection` is one of the same team; pictures in it that the user cannot see are left out.
    """

    q: str = ""
    person: int | None = None
    size: str = ""
    speed: str = ""
    state: str = ""
    favourite: bool = False
    collection: uuid.UUID | None = None
    tag: str = ""
    prompt_group: str = ""
    first_day: date | None = None
    last_day: date | None = None
    period: str = ""

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Return the first and the last day, computed for today if the search has a period."""
        return days_of(self.period, timezone.localdate()) if self.period else (self.first_day, self.last_day)

    @property
    def active(self) -> bool:
        return self != GallerySearch()


@dataclass(frozen=True)
class DaySum:
    """Pictures of one day and their cost in US dollars."""

    count: int
    cost: Decimal
    # False if the count limit was reached within this day, so that count and cost are lower bounds.
    whole: bool


def search_generations(team: Team, search: GallerySearch, viewer: User) -> "QuerySet[Generation]":
    """Return the pictures that match the search, as far as the user can see them.

    Queued and running pictures of other users are left out of searches by words.
    """
    rows = Generation.objects.visible_to(viewer).shown()
    # Collection and tag imply the team. With the team filtered twice, SQLite reads the whole team for a few pictures.
    if not (search.collection or search.tag):
        rows = rows.of_team(team)
    equal = {
        "author": search.person, "size": search.size, "speed": search.speed, "state": search.state,
        "prompt_group": search.prompt_group,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in equal.items() if value})
    if search.collection:
        inside = {"collection_items__collection": search.collection, "collection_items__collection__team": team}
        rows = rows.filter(**inside)
    if search.tag:
        rows = rows.filter(taggings__tag__team=team, taggings__tag__folded_name=fold(search.tag))
    # An id contains its time of creation, so a range of days is a range of ids and needs no index of its own.
    first_day, last_day = search.days
    if first_day:
        rows = rows.filter(id__gte=uuid7_min(_midnight(first_day)))
    if last_day:
        rows = rows.filter(id__lt=uuid7_min(_midnight(last_day + timedelta(days=1))))
    stars = Favourite.objects.filter(user=viewer, generation=OuterRef("pk"))
    if search.favourite:
        rows = rows.filter(Exists(stars))
    if search.q:
        # Other users' prompts are hidden until their pictures are finished, so a search must not reveal them.
        rows = rows.filter(Q(author=viewer) | ~Q(state__in=[State.QUEUED, State.RUNNING]))
    return _matching_words(rows, search.q)


def _matching_words(rows: "QuerySet[Generation]", words: str) -> "QuerySet[Generation]":
    """Return the rows whose prompt contains every word, both folded; only the first MAX_WORDS words count."""
    for word in fold(words).split()[:MAX_WORDS]:
        # Without a folded prompt: ordered by the release before this column, while the site was upgraded.
        rows = rows.filter(Q(folded_prompt__contains=word) | Q(folded_prompt=None, prompt__icontains=word))
    return rows


def days_of(period: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a period; weeks begin on Monday, a month is the last 30 days."""
    monday = today - timedelta(days=today.weekday())
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "this-week": (monday, today),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": (today - timedelta(days=29), today),
    }[period]


def with_cards(rows: "QuerySet[Generation]", viewer: User) -> "QuerySet[Generation]":
    """Load what a card shows in three queries: pictures with images, authors, and teams.

    Each row has `starred`, whether the user marked it as a favourite, and `linked`, whether a share link shows it.
    """
    stars = Favourite.objects.filter(user=viewer, generation=OuterRef("pk"))
    # Prefetched, because with joins SQLite's planner starts from authors or teams and sorts every picture.
    return (
        rows.select_related("image")
        .prefetch_related("author", "team")
        .annotate(starred=Exists(stars), linked=seen_by_link())
    )


def find_with_cards(team: Team, viewer: User, ids: Collection[uuid.UUID]) -> list[Generation]:
    """Return these pictures with cards, newest first, as far as the user can see them; deleted ones too."""
    rows = Generation.objects.visible_to(viewer).of_team(team).filter(id__in=ids)
    return list(with_cards(rows, viewer).order_by("-id"))


def find_deleted_at(team: Team, viewer: User, moment: datetime) -> list[Generation]:
    """Return the pictures deleted together at this moment that the user can see; none once UNDO has passed."""
    if timezone.now() - moment > UNDO:
        return []
    rows = Generation.objects.visible_to(viewer).in_trash().filter(team=team, deleted_at=moment)
    return list(rows.select_related("team"))


def find_to_reuse(viewer: User, generation_id: uuid.UUID | None) -> Generation | None:
    """Return a picture whose parameters the user may reuse; None if they cannot see it or its prompt yet."""
    row = Generation.objects.visible_to(viewer).filter(id=generation_id).first() if generation_id else None
    # Prompts of other people stay hidden until the picture is finished, on their cards too.
    return None if row is None or (row.waits and row.author_id != viewer.pk) else row


def is_starred(row: Generation, viewer: User) -> bool:
    """Return whether the user marked the picture as a favourite."""
    return Favourite.objects.filter(user=viewer, generation=row).exists()


def gallery_page(
    team: Team, search: GallerySearch, viewer: User, cursor: Cursor, *, collapsed: bool = False
) -> Page[Generation]:
    """Return a page of the search's pictures with cards, newest first; `collapsed` shows each batch once."""
    rows = with_cards(search_generations(team, search, viewer), viewer)
    return page(newest_of_batches(rows, viewer) if collapsed else rows, cursor, PAGE_SIZE)


def has_newer_of_others(team: Team, viewer: User, than: uuid.UUID) -> bool:
    """Return whether the gallery without filters has pictures of other users that are as new as this id or newer."""
    rows = search_generations(team, GallerySearch(), viewer)
    return rows.filter(id__gte=than).exclude(author=viewer).exists()


def has_older(team: Team, viewer: User, than: uuid.UUID) -> bool:
    """Return whether the gallery without filters has pictures older than this one."""
    return search_generations(team, GallerySearch(), viewer).filter(id__lt=than).exists()


def gallery_neighbours(
    team: Team, search: GallerySearch, viewer: User, of: uuid.UUID
) -> tuple[Generation | None, Generation | None]:
    """Return the next newer and the next older picture of the search."""
    return neighbours(search_generations(team, search, viewer).select_related("image"), of)


def count_capped(rows: "QuerySet[Generation]") -> int:
    """Return the exact count up to 1,000, and 1,001 for more, because a full count would grow with the table."""
    return rows.order_by()[: COUNT_LIMIT + 1].count()


@dataclass(frozen=True)
class SearchTotal:
    """Count and cost in US dollars of a search; above 1,000 pictures `cost` covers the newest 1,000."""

    count: int
    cost: Decimal
    estimated: bool

    @property
    def whole(self) -> bool:
        return self.count <= COUNT_LIMIT


def search_total(rows: "QuerySet[Generation]") -> SearchTotal:
    """Return count and cost, from at most 1,001 rows."""
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
    """Return count and cost for each of these days that has pictures, in one query over at most 1,001 rows."""
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


def first_day(rows: "QuerySet[Generation]") -> date | None:
    """Return the local day of the oldest of these pictures; None without any."""
    oldest = rows.order_by("id").values_list("id", flat=True).first()
    return day_of(oldest) if oldest else None


def before_month_ends(month: date) -> uuid.UUID:
    """Return the id before which the pictures of this month and of all earlier ones are; `month` is its first day."""
    return uuid7_min(_midnight((month + timedelta(days=31)).replace(day=1)))


def trash_page(team: Team, viewer: User, cursor: Cursor) -> Page[Generation]:
    """Return a page of the deleted pictures the user can see, newest first."""
    rows = Generation.objects.visible_to(viewer).of_team(team).in_trash()
    return page(with_cards(rows, viewer), cursor, PAGE_SIZE)


def day_of(id_: uuid.UUID) -> date:
    """Return the local day on which an id was created."""
    return timezone.localdate(uuid7_time(id_))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
