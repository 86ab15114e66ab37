"""User actions on a picture whose outcome is unknown: look it up, retry, or mark it as lost."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import ledger, tasks
from generations.errors import NotAllowed, ProviderError
from generations.models import (
    HISTORY_RETENTION,
    NEVER_SENT,
    Attempt,
    AttemptState,
    Generation,
    State,
    User,
    format_amount,
    format_estimate,
)
from generations.permissions import Verb, allows, role_of
from generations.pipeline.circuit_breaker import probes
from generations.pipeline.reconciliation import lookup
from generations.pipeline.worker.claim import move
from generations.pipeline.worker.fulfil import configured_provider
from generations.pipeline.worker.give_up import give_up
from generations.pipeline.worker.store import free_connection
from generations.providers.base import Provider
from generations.services.orders import blocked_words, cost_centres, quotas
from generations.services.site.reasons import clean_reason
from generations.services.site.site_language import site_language

# A second attempt that was released or not billed does not settle the outcome of the first.
NOT_CHARGED_STATES = [*NEVER_SENT, AttemptState.NOT_BILLED]
# Repeated look-ups within this time reuse one balance reading.
READING_MAX_AGE = timedelta(seconds=10)
OUTCOMES = {
    State.DONE: gettext_lazy("The provider had the picture. Here it is."),
    State.QUEUED: gettext_lazy("The provider didn't generate it or charge for it. We're trying again."),
    State.RUNNING: gettext_lazy("It's being generated again."),
    State.CANCELLED: gettext_lazy("It has been cancelled."),
}
DELIVERING = gettext_lazy(
    "The provider generated it and charged for it. The picture appears here once its file is downloaded."
)


def look_up_now(*, generation: Generation) -> str:
    """Ask the provider for the outcome, free of charge, and return a sentence about the result.

    Asks by request id, in the provider's history, and by the balance.
    """
    doubts = list(generation.attempts.filter(state=AttemptState.UNKNOWN).select_related("generation"))
    provider = configured_provider()
    trouble = _read_balance(doubts, provider)
    with site_language():  # of what is stored about them
        lookup.look_up(doubts, provider)
    generation.refresh_from_db()
    if generation.state == State.FAILED:
        return generation.reason
    if generation.attempts.filter(state=AttemptState.ANSWERED).exists():
        return str(DELIVERING)
    if generation.state != State.UNKNOWN:
        return str(OUTCOMES[State(generation.state)])
    if open_ones := list(generation.attempts.filter(state=AttemptState.UNKNOWN, cost=None)):
        if all(doubt.is_beyond_history for doubt in open_ones):
            return not_looked_up()
        still_open = _("The provider doesn't know the outcome yet. We'll ask again automatically.")
        return f"{still_open} {trouble}".rstrip()
    cost = number_format(generation.cost or 0, decimal_pos=4)
    return _("The provider charged $%(cost)s for it and no longer has the picture.") % {"cost": cost}


def not_looked_up() -> str:
    """Return the sentence about an outcome that is too old for the provider's history."""
    sentence = _(
        "This is older than %(days)s days, so we no longer ask the provider automatically. "
        "A manager can mark it as lost, or you can accept a second charge."
    )
    return sentence % {"days": HISTORY_RETENTION.days}


def _read_balance(doubts: Sequence[Attempt], provider: Provider) -> str:
    """Read the balance if an answer depends on it; return a sentence if it cannot be read, else an empty text.

    Where the history lists nothing, only a balance that did not fall proves that nothing was charged. The last stored
    reading may be an hour old, and older than the attempt.
    """
    complete = [moment for doubt in doubts if (moment := lookup.history_complete_at(doubt))]
    if not complete:
        return ""
    free_connection()
    try:
        probes.read_since(provider, max(timezone.now() - READING_MAX_AGE, *complete))
    except ProviderError as error:
        words = (error.reason or error.message).rstrip(".")
        sentence = _("Its balance can't be read right now (%(reason)s). Without it, an empty history proves nothing.")
        return sentence % {"reason": words}
    return ""


def retry_accepting_second_charge(*, actor: User, generation: Generation, attempt_id: uuid.UUID) -> bool:
    """Queue the picture again although `attempt_id`, its last attempt that was not free, may have been charged.

    Against limits and quotas it counts as a new picture. False when the attempt's outcome became known, when the
    picture was deleted, or when another request was faster. Raises OverLimit, TooManyWaiting, BlockedWordInPrompt,
    CostCentreMissing, and NotAllowed when its price needs a manager's approval.
    """
    with transaction.atomic():
        # The user is locked first, as in every generation request, so that locks are taken in one order.
        quotas.lock(actor)
        # Locked because its answer may be arriving, and the picture may be moved to the trash.
        last = generation.attempts.select_for_update().exclude(state__in=NOT_CHARGED_STATES).order_by("-number").first()
        generation = Generation.objects.select_for_update().get(id=generation.id)
        if generation.deleted_at or last is None or (last.id, last.state) != (attempt_id, AttemptState.UNKNOWN):
            return False
        _require_approval(actor, generation)
        blocked_words.require_allowed(team=generation.team, model=generation.model, each=[generation.parameters])
        cost_centres.require_for_retry(generation)
        quotas.require(actor=actor, team=generation.team, count=1, approved=False)
        moved = move(
            generation.id, State.UNKNOWN, State.QUEUED, finished_at=None, available_at=Now(), enqueued_at=None,
            queued_at=Now(), tries=0, reason="", hold_count=F("hold_count") + 1,
        )  # fmt: skip
        if not moved:
            return False
        generation.refresh_from_db()
        ledger.hold([generation], actor=actor)
        transaction.on_commit(lambda: tasks.enqueue([generation.id]))
    return True


def _require_approval(actor: User, generation: Generation) -> None:
    """Reject users who may not approve this price, because an approval of the first attempt covered one charge only.

    Raises NotAllowed.
    """
    team = generation.team
    if team.asks_for(generation.estimate) and not allows(role_of(actor, team), Verb.REVIEW):
        sentence = _(
            "Another try may cost %(price)s more. In %(team)s, anything above %(limit)s needs a manager's approval. "
            "Ask a manager to try again."
        )
        limit = format_amount(team.approval_above or ledger.ZERO)
        raise NotAllowed(sentence % {"price": format_estimate(generation.estimate), "team": team, "limit": limit})


def mark_lost(*, actor: User, generation: Generation, reason: str) -> bool:
    """Give up a picture as failed; return False if its outcome is known by now.

    Raises GalleryError when the reason is empty or too long.
    """
    reason = clean_reason(reason, _("Enter a reason. It's stored in the ledger."))
    sentence = _("Marked as lost by %(name)s: %(reason)s") % {"name": actor.display_name, "reason": reason}
    return give_up(generation.id, sentence, note=_("marked as lost: %(reason)s") % {"reason": reason}, actor=actor)
