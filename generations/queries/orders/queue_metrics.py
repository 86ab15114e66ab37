"""Whether the site keeps up, as a few numbers over all teams; cheap enough to be asked every few seconds."""

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
    """`recent_attempts` has every state, of the attempts begun in the last 24 hours. `undelivered` is charged and waits
    for its file; it counts neither as running nor as spooled."""

    queued: int
    running: int
    unknown: int
    recent_attempts: dict[str, int]
    spooled_answers: int
    undelivered: int
    free_disk_bytes: int


def queue_metrics() -> QueueMetrics:
    queued, running, undelivered = counts_of_all_teams()
    return QueueMetrics(
        queued=queued,
        running=running,
        unknown=_unknown(),
        recent_attempts=_recent_attempts(),
        # The answers of those that wait for their file lie there as well.
        spooled_answers=max(0, sum(1 for _ in spool.waiting()) - undelivered),
        undelivered=undelivered,
        free_disk_bytes=files.free_bytes(),
    )


def _unknown() -> int:
    """Outside the trash. Asked by team, since that is how the index for a gallery's filter begins."""
    return Generation.objects.shown().filter(state=State.UNKNOWN, team__in=Team.objects.all()).count()


def _recent_attempts() -> dict[str, int]:
    recent = Attempt.objects.filter(id__gte=uuid7_min(timezone.now() - RECENT_PERIOD)).order_by()
    counted = dict(recent.values_list("state").annotate(Count("id")))
    return {state.value: counted.get(state.value, 0) for state in AttemptState}
