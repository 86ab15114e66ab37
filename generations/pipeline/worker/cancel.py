"""Cancellation of a queued generation before it is sent."""

import uuid

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import ledger
from generations.models import AttemptState, Generation, Membership, State, Team, User
from generations.permissions import SPENDERS
from generations.pipeline.worker.claim import move

CANCELLED = gettext_lazy("Cancelled. Not charged.")
AUTHOR_LEFT = gettext_lazy("Its creator left the team. Not sent, not charged.")
NOT_CHARGED = gettext_lazy("Queued in demo mode, before pictures cost money. Not sent, not charged.")
AUTHOR_LOST_PERMISSION = gettext_lazy("Its creator can no longer generate in this team. Not sent, not charged.")


@transaction.atomic
def cancel_queued(generation_id: uuid.UUID, *, actor: User | None, reason: str = "") -> bool:
    """Cancel a queued generation at no cost; return False when a worker has claimed it already.

    If an earlier try has an unknown outcome, the generation returns to the state `unknown`.
    """
    # The caller's copy may be old: since then its outcome may have been unknown, and a second charge accepted.
    generation = Generation.objects.select_for_update().get(id=generation_id)
    doubted = generation.attempts.filter(state=AttemptState.UNKNOWN).exists()
    if doubted:
        reason = _("The second attempt was cancelled. The first may have been charged.")
        taken_back = move(generation.id, State.QUEUED, State.UNKNOWN, finished_at=Now(), reason=reason)
    else:
        taken_back = move(
            generation.id,
            State.QUEUED,
            State.CANCELLED,
            finished_at=Now(),
            deleted_at=Now(),
            reason=reason or str(CANCELLED),
        )
    if taken_back:
        ledger.release(generation.id, generation.hold_count, actor=actor)
    return taken_back


def blocking_reason(generation_id: uuid.UUID) -> str:
    """Return why a generation must not be sent; empty when it may.

    Either neither its author nor the user who accepted a second charge may generate in this team any more, or the team
    belongs to the demo and pictures cost money now.
    """
    if Team.objects.closed().filter(generations=generation_id).exists():
        return str(NOT_CHARGED)
    may_order = Membership.objects.filter(role__in=SPENDERS, user__is_active=True)
    if may_order.filter(team__generations=generation_id, user__generations=generation_id).exists():
        return ""
    generation = Generation.objects.get(id=generation_id)
    payer = ledger.holders(generation.id, generation.hold_count)
    if may_order.filter(team=generation.team_id, user=payer).exists():
        return ""
    there = Membership.objects.filter(team=generation.team_id, user__in=[generation.author_id, payer])
    return str(AUTHOR_LOST_PERMISSION if there.exists() else AUTHOR_LEFT)
