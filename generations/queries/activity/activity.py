"""Activity of a team, as one user may see it.

Merges two lists: finished pictures, which have author and time, and the activity on them. Both are ordered by UUIDv7
ids, so a page is the newest part of each.

An entry is what one user did of one kind in one hour of the clock. The hour of a row is known from its id alone, so
rows find together without a query, also when others did something in between; and a page ends where an hour ends, so
no entry is on two pages. Sixty minutes from the first row on would be another hour on another page. Only an hour with
more than ROWS rows is cut; the page after it says which of its entries go on.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from generations.models import (
    Activity,
    ActivityKind,
    Collection,
    Comment,
    Generation,
    State,
    Team,
    User,
    name_in,
    uuid7_min,
    uuid7_time,
)
from generations.queries.gallery.gallery import day_of
from generations.queries.site.keyset import Cursor, page

# A page ends with the hour in which it has this many entries, or this many rows were read.
PAGE_SIZE, ROWS = 40, 200
MAX_EXCERPT_LENGTH = 240
MADE = "made"
WAITING = [State.QUEUED, State.RUNNING]


@dataclass(frozen=True)
class ActivityGroup:
    """Activity shown as one entry; `id` is that of its newest row.

    `generations` has each picture once, newest first; `continued` is set if a newer page has the first of them.
    """

    id: uuid.UUID
    kind: str
    actor: User | None
    generations: list[Generation] = field(default_factory=list)
    collection: Collection | None = None
    comments: list[Comment] = field(default_factory=list)
    # Their name, also when they are deleted.
    who: str = ""
    continued: bool = False

    @property
    def at(self) -> datetime:
        return uuid7_time(self.id)

    @property
    def excerpt(self) -> str:
        return excerpt(self.comments[0]) if self.comments else ""

    @property
    def day(self) -> date:
        return day_of(self.id)


def excerpt(comment: Comment) -> str:
    """Return the beginning of the comment on one line."""
    words = " ".join(comment.text.split())
    return words if len(words) <= MAX_EXCERPT_LENGTH else words[: MAX_EXCERPT_LENGTH - 1].rstrip() + "…"


def activity_page(team: Team, viewer: User, before: uuid.UUID | None) -> tuple[list[ActivityGroup], uuid.UUID | None]:
    """Return a page of activity before the id `before`, newest first, and the id for the next page or None."""
    made = page(_made(team, viewer), Cursor(before=before), ROWS)
    done = page(_done(team, viewer), Cursor(before=before), ROWS)
    rows: list[Generation | Activity] = sorted([*made.rows, *done.rows], key=lambda row: row.id, reverse=True)
    further = len(rows) > ROWS or made.older or done.older
    hours = [list(same) for _, same in groupby(rows[:ROWS], lambda row: _hour(row.id))]
    if further and len(hours) > 1:
        hours.pop()  # It may go on behind what was read; the next page has the whole of it.
    groups: list[ActivityGroup] = []
    shown = 0
    while shown < len(hours) and len(groups) < PAGE_SIZE:
        groups += _merge(hours[shown], before)
        shown += 1
    return groups, hours[shown - 1][-1].id if further or shown < len(hours) else None


def action(rows: Sequence[Activity]) -> ActivityGroup:
    """Return the rows of one action as one entry."""
    return _entry(list(rows))


def _hour(id_: uuid.UUID) -> tuple[object, ...]:
    """Return the hour of the clock; with its offset, because one hour comes twice when summer time ends."""
    local = timezone.localtime(uuid7_time(id_))
    return local.date(), local.hour, local.utcoffset()


def _end_of_hour(id_: uuid.UUID) -> datetime:
    local = timezone.localtime(uuid7_time(id_))
    return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC) + timedelta(hours=1)


def _merge(rows: Sequence[Generation | Activity], before: uuid.UUID | None) -> list[ActivityGroup]:
    """Return the entries of one hour, each in the place of its newest row."""
    entries: dict[tuple[object, ...], list[Generation | Activity]] = {}
    for row in rows:
        entries.setdefault(_belongs(row), []).append(row)
    continued = before is not None and before < uuid7_min(_end_of_hour(rows[0].id))
    return [replace(_entry(same), continued=continued) for same in entries.values()]


def _made(team: Team, viewer: User) -> "QuerySet[Generation]":
    rows = Generation.objects.visible_to(viewer).of_team(team).shown().filter(state=State.DONE)
    # Prefetched, because with a join SQLite's planner starts from the authors.
    return rows.select_related("image").prefetch_related("author")


def _done(team: Team, viewer: User) -> "QuerySet[Activity]":
    seen = Generation.objects.visible_to(viewer).shown().exclude(state__in=WAITING).order_by()
    whole = Q(generation=None, collection__isnull=False)
    rows = Activity.objects.filter(whole | Exists(seen.filter(pk=OuterRef("generation"))), team=team)
    return rows.prefetch_related("actor", "collection", "comment", "generation__image")


def _belongs(row: Generation | Activity) -> tuple[object, ...]:
    if isinstance(row, Generation):
        return MADE, row.author_id or row.former_author
    # What was collected or shared as a whole is named, so each collection has an entry.
    named = row.collection_id if row.kind == ActivityKind.COLLECTED or row.generation_id is None else None
    return row.kind, row.actor_id or row.former_actor, named


def _entry(rows: list[Generation | Activity]) -> ActivityGroup:
    first = rows[0]
    if isinstance(first, Generation):
        made = [row for row in rows if isinstance(row, Generation)]
        return ActivityGroup(first.id, MADE, first.author, made, who=name_in(first, "author"))
    acts = [row for row in rows if isinstance(row, Activity)]
    return ActivityGroup(
        first.id, ActivityKind(first.kind).value, first.actor,
        list({row.generation.pk: row.generation for row in acts if row.generation}.values()),
        first.collection, [row.comment for row in acts if row.comment], name_in(first, "actor"),
    )  # fmt: skip
