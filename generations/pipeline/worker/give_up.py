"""What follows when a doubt is given up: its estimate is booked as spent, to be corrected should a figure come."""

import uuid

from django.db import transaction
from django.db.models.functions import Now

from generations.models import Attempt, AttemptState, CostSource, Generation, State, User
from generations.pipeline.charges import record_charge
from generations.pipeline.worker.claim import move

# Ended by another try than the one in doubt.
FINAL_STATES = [State.DONE, State.FAILED]


@transaction.atomic
def give_up(generation_id: uuid.UUID, sentence: str, *, note: str, actor: User | None = None) -> bool:
    """False when it is in doubt no more. `sentence` becomes its reason, `note` stays with the money.

    A picture that another try has ended stays as it is: only the earlier doubt is given up, or its hold would stay for
    ever.
    """
    # An attempt is locked before its generation everywhere.
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
