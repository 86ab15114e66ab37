"""Settling of attempts with an unknown outcome that turn out not to be charged."""

from django.db import transaction
from django.db.models.functions import Now

from generations import ledger
from generations.models import Attempt, AttemptState, CostSource, Generation, State
from generations.pipeline.charges import record_charge
from generations.pipeline.worker.claim import move, move_attempt
from generations.pipeline.worker.outcomes import EARLIER_UNKNOWN, MAX_TRIES, within_budget


@transaction.atomic
def mark_not_billed(doubt: Attempt, sentence: str, *, again: bool, most: int = MAX_TRIES) -> None:
    """Settle an attempt as not charged.

    `again` queues the generation again with the hold it has, unless it has changed meanwhile (another try, deleted,
    given up as lost by a user) or `most` attempts were already not charged. Otherwise the hold is released.
    """
    if not move_attempt(doubt.id, [AttemptState.UNKNOWN], AttemptState.NOT_BILLED, reason=sentence):
        return
    # Read again after the move has locked the row, because a user may just have posted an estimate for it.
    doubt = Attempt.objects.get(id=doubt.id)
    if doubt.cost is not None:
        note = "the provider did not charge it"
        record_charge(doubt, ledger.ZERO, estimated=False, source=CostSource.HISTORY, mend=True, note=note)
        return
    generation = Generation.objects.select_for_update().get(id=doubt.generation_id)
    untouched = generation.holds == doubt.hold and generation.deleted_at is None
    if again and untouched and _queued_again(doubt, sentence, most):
        return
    _end(generation, doubt, sentence)
    ledger.release(generation.id, doubt.hold)


def _queued_again(doubt: Attempt, sentence: str, most: int) -> bool:
    """Queue the generation again with the delays of other retries, because an outage settles many attempts at once."""
    tries = Attempt.objects.filter(generation=doubt.generation_id, state=AttemptState.NOT_BILLED).count()
    if tries >= most:
        return False
    return move(
        doubt.generation_id, State.UNKNOWN, State.QUEUED, reason=sentence, finished_at=None,
        available_at=within_budget(tries), enqueued_at=None, tries=tries,
    )  # fmt: skip


def _end(generation: Generation, doubt: Attempt, sentence: str) -> None:
    """End the generation as failed, unless an earlier try keeps it in the state `unknown`."""
    others = generation.attempts.filter(state=AttemptState.UNKNOWN)
    if generation.holds == doubt.hold and others.filter(cost=None).exists():
        sentence += EARLIER_UNKNOWN
    elif others.exists():
        return
    move(generation.id, State.UNKNOWN, State.FAILED, reason=sentence, finished_at=Now())
