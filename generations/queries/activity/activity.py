"""Activity of a team, as one user may see it.

Merges two lists: finished pictures, which have author and time, and the activity on them. Both are ordered by UUIDv7
ids, so a page is the newest part of each.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, QuerySet

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
    uuid7_time,
)
from generations.queries.gallery.gallery import day_of
from generations.queries.site.keyset import Cursor, page

PAGE_SIZE = 60
MAX_EXCERPT_LENGTH = 240
MADE = "made"
WAITING = [State.QUEUED, State.RUNNING]


@dataclass(frozen=True)
class ActivityGroup:
    """Activity shown as one entry: pictures of one action, or pictures that one user generated on one day."""

    id: uuid.UUID
    kind: str
    actor: User | None
    generations: list[Generation] = field(default_factory=list)
    collection: Collection | None = None
    comment: Comment | None = None
    # Their name, also when they are deleted.
    who: str = ""

    @property
    def at(self) -> datetime:
        return uuid7_time(self.id)

    @property
    def excerpt(self) -> str:
        """Return the beginning of the comment on one line."""
        words = " ".join(self.comment.text.split()) if self.comment else ""
        return words if len(words) <= MAX_EXCERPT_LENGTH else words[: MAX_EXCERPT_LENGTH - 1].rstrip() + "…"

    @property
    def day(self) -> date:
        return day_of(self.id)


def activity_page(team: Team, viewer: User, before: uuid.UUID | None) -> tuple[list[ActivityGroup], uuid.UUID | None]:
    """Return a page of activity before the id `before`, newest first, and the id for the next page or None."""
    made = page(_made(team, viewer), Cursor(before=before), PAGE_SIZE)
    done = page(_done(team, viewer), Cursor(before=before), PAGE_SIZE)
    rows: list[Generation | Activity] = sorted([*made.rows, *done.rows], key=lambda row: row.id, reverse=True)
    further = len(rows) > PAGE_SIZE or made.older or done.older
    rows = rows[:PAGE_SIZE]
    return group_activity(rows), rows[-1].id if further else None


def group_activity(rows: Iterable[Generation | Activity]) -> list[ActivityGroup]:
    """Group neighbouring rows of one action, or of one author and day; `rows` are in the order shown."""
    return [_act(list(same)) for _, same in groupby(rows, _belongs)]


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
        return MADE, row.author_id or row.former_author, day_of(row.id)
    return row.kind, row.group_id


def _act(rows: list[Generation | Activity]) -> ActivityGroup:
    first = rows[0]
    if isinstance(first, Generation):
        made = [row for row in rows if isinstance(row, Generation)]
        return ActivityGroup(first.id, MADE, first.author, made, who=name_in(first, "author"))
    pictures = [row.generation for row in rows if isinstance(row, Activity) and row.generation]
    return ActivityGroup(
        first.id, ActivityKind(first.kind).value, first.actor, pictures, first.collection, first.comment,
        name_in(first, "actor"),
    )  # fmt: skip
