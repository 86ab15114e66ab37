"""The queue: places, whether workers take work, and progress of running pictures."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from generations import limiter, scheduler
from generations.models import Attempt, AttemptState, Generation, State, Team, User

NO_WORKER_AFTER = timedelta(seconds=12)


@dataclass(frozen=True)
class QueueSnapshot:
    """Places of the pictures that are sent next, from 1, and whether no worker takes work (`stalled`)."""

    places: dict[uuid.UUID, int]
    stalled: bool


def queue_snapshot() -> QueueSnapshot:
    """Return the places over all teams, because all teams share the workers."""
    places = {id_: place for place, id_ in enumerate(scheduler.next_up(scheduler.MAX_PLACES), start=1)}
    return QueueSnapshot(places, stalled=bool(places) and _stalled())


def _stalled() -> bool:
    """Return whether a picture has been due for NO_WORKER_AFTER, none is running, and the rate limit allows one."""
    if Generation.objects.filter(state=State.RUNNING).exists():
        return False
    due = scheduler.due().filter(available_at__lte=timezone.now() - NO_WORKER_AFTER)
    return due.exists() and limiter.room() > 0


def sent_times(ids: list[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """Return when the open attempt of each running generation was sent; those not sent yet are left out."""
    rows = Attempt.objects.filter(generation__in=ids, state=AttemptState.SENT, sent_at__isnull=False)
    return {generation: sent for generation, sent in rows.values_list("generation", "sent_at") if sent}


@dataclass(frozen=True)
class PendingDownload:
    """Progress of a charged picture.

    `next_download_at` is when its file is requested next, None once it is on this site's disk; `download_error` is why
    the last download failed, as a sentence. `unlisted_since` is set while the file is not requested because its host
    is not in the list of allowed hosts.
    """

    next_download_at: datetime | None
    download_error: str
    unlisted_since: datetime | None = None


def pending_downloads(ids: list[uuid.UUID]) -> dict[uuid.UUID, PendingDownload]:
    """Return those of the running generations that the provider has answered and charged."""
    rows = Attempt.objects.filter(generation__in=ids, state=AttemptState.ANSWERED)
    fields = rows.values_list("generation", "next_download_at", "download_error", "download_count", "answered_at")
    found = {}
    for generation, at, error, downloads, answered_at in fields:
        found[generation] = PendingDownload(at, error, answered_at if error and not downloads else None)
    return found


def team_queue(team: Team, viewer: User) -> "QuerySet[Generation]":
    """Return the team's unfinished pictures that the user can see, the oldest first."""
    rows = Generation.objects.visible_to(viewer).of_team(team).waiting().filter(deleted_at=None)
    return rows.select_related("author", "team", "image").order_by("id")


def team_queue_in_order(team: Team, viewer: User, snapshot: QueueSnapshot, most: int) -> list[Generation]:
    """Return the first of `team_queue`: what runs, then what waits by its place, then what is not due yet."""
    rows = team_queue(team, viewer)
    running = list(rows.filter(state=State.RUNNING)[:most])
    placed = sorted(
        rows.filter(state=State.QUEUED, id__in=list(snapshot.places)), key=lambda row: snapshot.places[row.id]
    )
    found = [*running, *placed][:most]
    others = rows.filter(state=State.QUEUED).exclude(id__in=[row.id for row in placed])
    return found + list(others[: most - len(found)])


def has_queued(team: Team, author: User) -> bool:
    """Return whether something that this user ordered in the team still waits."""
    return Generation.objects.of_team(team).filter(author=author, state=State.QUEUED, finished_at=None).exists()


def queue_counts(team: Team, viewer: User) -> tuple[int, int]:
    """Return the number of the user's own unfinished pictures and of all they can see in this team."""
    counts = team_queue(team, viewer).order_by().aggregate(mine=Count("pk", filter=Q(author=viewer)), all=Count("pk"))
    return counts["mine"], counts["all"]


def counts_of_all_teams() -> tuple[int, int, int]:
    """Return how many wait, how many are being generated, and how many are charged and not delivered yet."""
    waiting = Generation.objects.filter(state=State.QUEUED).count()
    running = Generation.objects.filter(state=State.RUNNING).count()
    undelivered = undelivered_count()
    return waiting, running - undelivered, undelivered


def undelivered_count() -> int:
    """Return how many pictures of all teams are charged while their file is not on this site's disk."""
    return Attempt.objects.filter(
        state=AttemptState.ANSWERED, next_download_at__isnull=False, generation__state=State.RUNNING
    ).count()


def oldest_queued() -> datetime | None:
    """Return when the oldest queued picture of all teams was queued, or None."""
    found: datetime | None = Generation.objects.filter(state=State.QUEUED).aggregate(oldest=Min("queued_at"))["oldest"]
    return found
