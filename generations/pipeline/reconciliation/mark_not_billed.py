"""What follows when it turns out that a doubt was not charged."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from generations import ledger
from generations.models import Attempt, AttemptState, CostSource, Generation, State
from generations.pipeline.charges import record_charge
from generations.pipeline.worker.claim import move, move_attempt
from generations.pipeline.worker.outcomes import EARLIER_UNKNOWN, MAX_TRIES, within_budget


@transaction.atomic
def mark_not_billed(doubt: Attempt, sentence: str, *, again: bool, most: int = MAX_TRIES) -> None:
    """Certain now. `again` puts the order back in the line with the hold it has, unless something has happened to it
    since: another try, the trash, a person who gave it up as lost; and unless it was sent `most` times for nothing.
    """
    if not move_attempt(doubt.id, [AttemptState.UNKNOWN], AttemptState.NOT_BILLED, reason=sentence):
        return
    # Read after the move has locked the row: a person may just have booked an estimate for it.
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
    """After an outage all its doubts are acquitted at once, so they wait as other retries do."""
    tries = Attempt.objects.filter(generation=doubt.generation_id, state=AttemptState.NOT_BILLED).count()
    if tries >= most:
        return False
    back: dict[str, Any] = {
        "finished_at": None, "available_at": within_budget(tries), "enqueued_at": None, "tries": tries,
    }  # fmt: skip
    return move(doubt.generation_id, State.UNKNOWN, State.QUEUED, reason=sentence, **back)


def _end(generation: Generation, doubt: Attempt, sentence: str) -> None:
    """What is in doubt because of another try stays so, unless this was the last one."""
    others = generation.attempts.filter(state=AttemptState.UNKNOWN)
    if generation.holds == doubt.hold and others.filter(cost=None).exists():
        sentence += EARLIER_UNKNOWN
    elif others.exists():
        return
    move(generation.id, State.UNKNOWN, State.FAILED, reason=sentence, finished_at=Now())
