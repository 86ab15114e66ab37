"""What is being made: places in the line, and whether anybody takes work at all."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from generations.models import Attempt, AttemptState, Generation, State, Team, User

LINE_LIMIT = 200
NO_WORKER_AFTER = timedelta(seconds=12)


@dataclass(frozen=True)
class Line:
    """`places` holds the first 200 that wait, from 1; `stalled` says that nobody has taken work for a while."""

    places: dict[uuid.UUID, int]
    stalled: bool


def line() -> Line:
    """All teams share the workers, so they share the line."""
    queued = Generation.objects.filter(state=State.QUEUED).order_by("id")
    ids = list(queued.values_list("id", flat=True)[:LINE_LIMIT])
    return Line({id_: place for place, id_ in enumerate(ids, start=1)}, stalled=bool(ids) and _stalled())


def _stalled() -> bool:
    """Something has been due for a while, and nothing is being drawn."""
    if Generation.objects.filter(state=State.RUNNING).exists():
        return False
    now = timezone.now()
    due = Generation.objects.filter(state=State.QUEUED, available_at__lte=now - NO_WORKER_AFTER)
    return due.exists()


def sent_times(ids: list[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When the open attempt of each running generation left; absent while it has not."""
    rows = Attempt.objects.filter(generation__in=ids, state=AttemptState.SENT, sent_at__isnull=False)
    return {generation: sent for generation, sent in rows.values_list("generation", "sent_at") if sent}


@dataclass(frozen=True)
class Delivery:
    """How far a charged picture is: `download_at` is when its file is asked for next, None once it is on this site's
    disk; `download_error` says why the last download failed, in a sentence."""

    download_at: datetime | None
    download_error: str


def deliveries(ids: list[uuid.UUID]) -> dict[uuid.UUID, Delivery]:
    """Return those of the running generations that the provider has answered and charged."""
    rows = Attempt.objects.filter(generation__in=ids, state=AttemptState.ANSWERED)
    found = rows.values_list("generation", "download_at", "download_error")
    return {generation: Delivery(at, error) for generation, at, error in found}


def queue_of(team: Team, viewer: User) -> "QuerySet[Generation]":
    rows = Generation.objects.visible_to(viewer).of_team(team).waiting().filter(deleted_at=None)
    return rows.select_related("author", "team", "image").order_by("id")


def queue_counts(team: Team, viewer: User) -> tuple[int, int]:
    """Mine, and everybody's in this team."""
    counts = queue_of(team, viewer).order_by().aggregate(mine=Count("pk", filter=Q(author=viewer)), all=Count("pk"))
    return counts["mine"], counts["all"]


def counts_of_all_teams() -> tuple[int, int]:
    """How many wait, and how many are being drawn."""
    waiting = Generation.objects.filter(state=State.QUEUED).count()
    return waiting, Generation.objects.filter(state=State.RUNNING).count()


def oldest_queued() -> datetime | None:
    found: datetime | None = Generation.objects.filter(state=State.QUEUED).aggregate(oldest=Min("queued_at"))["oldest"]
    return found
