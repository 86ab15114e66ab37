"""Giving up of an unknown outcome: its estimate is charged, and corrected if the price becomes known."""

import uuid

from django.db import transaction
from django.db.models.functions import Now

from generations.models import Attempt, AttemptState, CostSource, Generation, State, User
from generations.pipeline.charges import record_charge
from generations.pipeline.worker.claim import move

# Reached by another try than the one with the unknown outcome.
FINAL_STATES = [State.DONE, State.FAILED]


@transaction.atomic
def give_up(generation_id: uuid.UUID, sentence: str, *, note: str, actor: User | None = None) -> bool:
    """Give up the attempts of a generation with an unknown outcome; return False when there is none any more.

    `sentence` becomes the generation's reason, `note` is stored on the ledger entry. A picture that another try has
    ended stays as it is: only the earlier attempt is given up, because its hold would stay for ever.
    """
    # The attempt is locked before its generation, as everywhere, so that two transactions cannot deadlock.
    doubts = list(
        Attempt.objects.select_for_update().filter(generation=generation_id, state=AttemptState.UNKNOWN, cost=None)
    )
    lost = move(generation_id, State.UNKNOWN, State.FAILED, reason=sentence, finished_at=Now())
    if not lost and not (doubts and Generation.objects.filter(id=generation_id, state__in=FINAL_STATES).exists()):
        return False
    for doubt in doubts:
        source = CostSource.PERSON if actor else CostSource.SITE
        record_charge(doubt, doubt.estimate, estimated=True, source=source, actor=actor, note=note)
    return True
