"""Queue metrics over all teams; cheap enough for a request every few seconds."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from generations.models import Attempt, AttemptState, Generation, State, Team, uuid7_min
from generations.queries.orders.queue import counts_of_all_teams
from generations.storage import files, spool

RECENT_PERIOD = timedelta(hours=24)


@dataclass(frozen=True)
class QueueMetrics:
    """Counts, and the free disk space.

    `recent_attempts` has every attempt state, for attempts of the last 24 hours. `undelivered` pictures are charged and
    wait for their file; they count neither as running nor as spooled.
    """

    queued: int
    running: int
    unknown: int
    recent_attempts: dict[str, int]
    spooled_answers: int
    undelivered: int
    free_disk_bytes: int


def queue_metrics() -> QueueMetrics:
    """Return the present figures."""
    queued, running, undelivered = counts_of_all_teams()
    return QueueMetrics(
        queued=queued,
        running=running,
        unknown=_unknown(),
        recent_attempts=_recent_attempts(),
        # The spool also holds the answers of undelivered pictures.
        spooled_answers=max(0, sum(1 for _ in spool.waiting()) - undelivered),
        undelivered=undelivered,
        free_disk_bytes=files.free_bytes(),
    )


def _unknown() -> int:
    """Return the number of unknown outcomes outside the trash; filtered by team, because the index begins with it."""
    return Generation.objects.shown().filter(state=State.UNKNOWN, team__in=Team.objects.all()).count()


def _recent_attempts() -> dict[str, int]:
    recent = Attempt.objects.filter(id__gte=uuid7_min(timezone.now() - RECENT_PERIOD)).order_by()
    counted = dict(recent.values_list("state").annotate(Count("id")))
    return {state.value: counted.get(state.value, 0) for state in AttemptState}
