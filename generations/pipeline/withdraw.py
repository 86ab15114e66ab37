"""Taking an order out of the line before it is sent."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from generations import ledger
from generations.models import AttemptState, Generation, Membership, State, User
from generations.pipeline.claim import move

CANCELLED = "Cancelled; not charged."
LEFT = "Whoever ordered it left the team; not sent, not charged."


@transaction.atomic
def withdraw(generation_id: uuid.UUID, *, actor: User | None, reason: str = CANCELLED) -> bool:
    """Free while queued. False when a worker was faster: what is sent cannot be taken back.

    A second try that is taken back leaves the doubt about the first.
    """
    # The caller's copy may be old: since then it may have been in doubt, and a second charge accepted.
    generation = Generation.objects.select_for_update().get(id=generation_id)
    doubted = generation.attempts.filter(state=AttemptState.UNKNOWN).exists()
    ended: dict[str, Any] = {"finished_at": Now(), "deleted_at": Now(), "reason": reason}
    if doubted:
        ended = {"finished_at": Now(), "reason": "The second try was cancelled; the first may have been charged."}
    taken_back = move(generation.id, State.QUEUED, State.UNKNOWN if doubted else State.CANCELLED, **ended)
    if taken_back:
        ledger.release(generation.id, generation.holds, actor=actor)
    return taken_back


def orderer_left(generation_id: uuid.UUID) -> bool:
    """Whether nobody in the team has ordered it any more: not its author, and not whoever accepted a second charge."""
    if Membership.objects.filter(team__generations=generation_id, user__generations=generation_id).exists():
        return False
    generation = Generation.objects.get(id=generation_id)
    payer = ledger.who_holds(generation.id, generation.holds)
    return not Membership.objects.filter(team=generation.team_id, user=payer).exists()
