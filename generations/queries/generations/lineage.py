"""What a picture was made from, and what was made from it, as far as a user can see."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generations.models import Generation, State, User
from generations.queries.site.counts import COUNT_LIMIT

if TYPE_CHECKING:
    from django.db.models import QuerySet

SHOWN = 6


@dataclass(frozen=True)
class Lineage:
    """`remixes` are the newest ones; `count` stops above 1,000."""

    source: Generation | None
    remixes: list[Generation]
    count: int


def lineage(row: Generation, viewer: User) -> Lineage:
    """Return the source and the remixes that the user can see and that have a picture to show."""
    seen = _finished(viewer)
    source = seen.filter(pk=row.remix_of_id).first() if row.remix_of_id else None
    remixes = seen.filter(remix_of=row).order_by("-id")
    newest = list(remixes[:SHOWN])
    count = len(newest) if len(newest) < SHOWN else remixes.order_by()[: COUNT_LIMIT + 1].count()
    return Lineage(source, newest, count)


def _finished(viewer: User) -> "QuerySet[Generation]":
    # Prompts of other people stay hidden until the picture is finished.
    rows = Generation.objects.visible_to(viewer).shown()
    return rows.filter(state=State.DONE, image__isnull=False).select_related("image", "author")
