"""Recovery by the sweeper: settling of everything that dead workers left. Needs no Redis."""

import logging
import uuid
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import limiter, scheduler
from generations.models import OPEN, Attempt, AttemptState, Generation, Rejection, State
from generations.pipeline.circuit_breaker.pauses import allows_probe, open_pauses
from generations.pipeline.isolation import MapFunction, run_isolated
from generations.pipeline.worker.claim import lease_end, move, move_attempt
from generations.pipeline.worker.outcomes import mark_unknown
from generations.pipeline.worker.store import accept
from generations.providers.base import Provider
from generations.storage import spool

# A published message may still be in the broker; after this time it counts as lost.
REDELIVER_AFTER = timedelta(seconds=60)
# The process that submits also enqueues; the sweeper enqueues only what was not enqueued by then.
ENQUEUE_AFTER = timedelta(seconds=4)
BATCH_SIZE = 500
logger = logging.getLogger(__name__)
WORKER_LOST = gettext_lazy("The worker stopped before the response was saved. The picture may have been charged.")


def due() -> list[uuid.UUID]:
    """Return queued rows that should run now and have no fresh message, oldest first.

    At most as many as the provider's plan and a pause allow, because the messages of others would only be used up.
    """
    if not allows_probe():
        return []
    silent = Q(enqueued_at=None, queued_at__lte=Now() - ENQUEUE_AFTER) | Q(enqueued_at__lte=Now() - REDELIVER_AFTER)
    rows = scheduler.due().filter(silent)
    if open_pauses():
        return scheduler.least_tried(rows)
    found = list(rows.order_by("id").values_list("id", flat=True)[:BATCH_SIZE])
    return found[: limiter.room()] if found else []


def mark_enqueued(generation_ids: list[uuid.UUID]) -> None:
    """Record that a message about these queued rows was sent."""
    Generation.objects.filter(id__in=generation_ids, state=State.QUEUED).update(enqueued_at=Now())


def recover(provider: Provider) -> int:
    """Settle every generation whose lease expired, and every answer left in the spool; return how many."""
    return settle_expired() + store_orphaned_answers(provider)


def settle_expired() -> int:
    """Settle the rows of dead workers without network calls; return how many.

    Rows with an answer in the spool are left to `store_orphaned_answers`.
    """
    expired = Generation.objects.filter(state=State.RUNNING, lease_until__lte=Now())
    spool.salvage()
    settled = sum(bool(run_isolated(_settle, row)) for row in list(expired.order_by("lease_until")[:BATCH_SIZE]))
    ended = Attempt.objects.filter(state=AttemptState.ANSWERED, generation__state__in=[State.UNKNOWN, State.FAILED])
    return settled + sum(
        bool(run_isolated(_settle_ended, attempt)) for attempt in list(ended.order_by("id")[:BATCH_SIZE])
    )


def store_orphaned_answers(provider: Provider, each: MapFunction = map) -> int:
    """Store the answers whose workers are gone; return how many.

    A picture may have to be downloaded for it, which takes time; a parallel `each` takes several at once.
    """
    return sum(map(bool, each(partial(run_isolated, partial(_store_orphaned_answer, provider)), spool.waiting())))


def _settle(generation: Generation) -> bool:
    """Settle one row. The lease is taken first, so that a worker that wakes now finds that it has lost it."""
    attempt = Attempt.objects.filter(generation=generation, state__in=OPEN).first()
    if attempt is not None and spool.read(attempt.id) is not None:
        return False
    lease = uuid.uuid4()
    stolen = Generation.objects.filter(id=generation.id, lease=generation.lease, lease_until__lte=Now())
    if stolen.update(lease=lease, lease_until=lease_end()) != 1:
        return False
    attempt = Attempt.objects.filter(generation=generation, state__in=OPEN).first()
    if attempt is None or attempt.state == AttemptState.RESERVED:
        _back_to_queue(generation.id, lease, attempt)
    elif spool.read(attempt.id) is None:
        _give_up(generation.id, attempt)
    return True


def _settle_ended(attempt: Attempt) -> bool:
    """Reject a charged answer of an ended picture if its file is missing; return whether it was."""
    if spool.read(attempt.id) is not None:
        return False
    _give_up(attempt.generation_id, attempt)
    return True


@transaction.atomic
def _back_to_queue(generation_id: uuid.UUID, lease: uuid.UUID, attempt: Attempt | None) -> None:
    if attempt is not None:
        move_attempt(attempt.id, [AttemptState.RESERVED], AttemptState.RELEASED, finished_at=Now())
    move(generation_id, State.RUNNING, State.QUEUED, lease=lease, available_at=Now(), enqueued_at=None)


def _give_up(generation_id: uuid.UUID, attempt: Attempt) -> None:
    """Reject an answered attempt without its file (a lost disk; the charge stays), or mark a sent one as unknown."""
    if attempt.state == AttemptState.ANSWERED:
        sentence = _("Paid, not delivered. The provider's response is no longer on this site's disk.")
        with transaction.atomic():
            if move_attempt(
                attempt.id, [AttemptState.ANSWERED], AttemptState.REJECTED, finished_at=Now(), reason=sentence,
                rejection=Rejection.ANSWER_GONE, next_download_at=None,
            ):  # fmt: skip
                for state in (State.RUNNING, State.UNKNOWN):
                    move(generation_id, state, State.FAILED, finished_at=Now(), reason=sentence)
    else:
        mark_unknown(generation_id, attempt.id, str(WORKER_LOST))


def _store_orphaned_answer(provider: Provider, attempt_id: uuid.UUID) -> bool:
    """Store an answer whose worker is gone; leave it while the worker may still be storing it."""
    attempt = Attempt.objects.select_related("generation").filter(id=attempt_id).first()
    if attempt is None or _in_hand(attempt):
        return False
    answer = spool.read(attempt_id)
    if answer is not None:
        accept(attempt_id, answer, provider)
    return answer is not None


def _in_hand(attempt: Attempt) -> bool:
    """Return whether a worker within its lease still has it, or the next download is not due yet."""
    if attempt.state == AttemptState.ANSWERED and attempt.next_download_at is not None:
        return attempt.next_download_at > timezone.now()
    if attempt.state not in {AttemptState.SENT, AttemptState.ANSWERED}:
        return False
    held = Generation.objects.filter(id=attempt.generation_id, state=State.RUNNING, lease_until__gt=Now())
    return held.exists()
