"""Lookup of attempts with an unknown outcome at the provider. Free; nothing here sends a generation request.

Attempts with a request id are looked up by it; all others are searched for in the provider's history by their seed.
Absence from the history proves nothing until its delay is over and the balance agrees.
"""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import ledger
from generations.conf import conf
from generations.errors import ProviderError, RequestForgotten, UnusableAnswer
from generations.models import HISTORY_RETENTION, Attempt, AttemptState, CostSource, Generation, Rejection, State
from generations.pipeline import balance_readings
from generations.pipeline.charges import record_charge
from generations.pipeline.isolation import MapFunction, run_isolated
from generations.pipeline.reconciliation import history_matching
from generations.pipeline.reconciliation.history_fetch import (
    history_around,
    is_beyond_history,
    schedule_next_lookup,
    sent,
)
from generations.pipeline.worker.claim import move, move_attempt
from generations.pipeline.worker.downloads import FILE_EXPIRY
from generations.pipeline.worker.outcomes import EARLIER_UNKNOWN, MAX_TRIES, within_budget
from generations.pipeline.worker.store import accept, free_connection
from generations.providers.base import Answer, PastCall, Provider
from generations.storage import spool

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

logger = logging.getLogger(__name__)
BATCH_SIZE = 50
LOOKUP_TIMEOUT_SECONDS = 10.0  # for one lookup, because others wait for it
# What is left after that waits for the next round, because the caller has pauses to probe, or a user who waits.
MAX_ROUND_SECONDS = 30.0
FILE_GONE_STATUSES = {403, 404, 410}
FAILED = 422  # the HTTP status that reports a failed job, which is not charged
DELIVERED_NOT = gettext_lazy("The provider generated this picture and charged for it, but didn't deliver it.")
# A failed job is tried once more.
SIGHTINGS_NEEDED = 2
NOT_DRAWN = gettext_lazy("The provider didn't generate anything or charge for the last attempt.")


class LookupResult(Enum):
    """The result of a lookup by request id."""

    SETTLED = auto()
    WAIT = auto()  # the provider is still generating, or cannot be reached now
    NOTHING = auto()  # the provider knows no such request


def resolve_unknown_attempts(provider: Provider, each: MapFunction = map) -> int:
    """Settle the attempts with an unknown outcome that are due; return how many were settled."""
    return look_up(_due(), provider, each)


def _due() -> Sequence[Attempt]:
    """Return the attempts that are due, first those that were never looked up.

    A worker may just have died with a picture that is ready. Answers lost in transit follow, for as long as the
    provider keeps their files. Attempts that are charged and gone are left out; those with a known price may still be
    fetched.
    """
    turn = Q(next_lookup_at=None) | Q(next_lookup_at__lte=Now())
    rows = Attempt.objects.filter(turn, sent_at__gt=Now() - HISTORY_RETENTION).select_related("generation")
    rows = rows.order_by(F("next_lookup_at").asc(nulls_first=True), "id")
    doubts = rows.filter(state=AttemptState.UNKNOWN).exclude(reason=str(DELIVERED_NOT))
    lost = rows.filter(rejection=Rejection.LOST_IN_TRANSIT, sent_at__gt=Now() - FILE_EXPIRY)
    return [*doubts[:BATCH_SIZE], *lost[:BATCH_SIZE]]


def look_up(doubts: Sequence[Attempt], provider: Provider, each: MapFunction = map) -> int:
    """Look these attempts up now; return how many were settled.

    One that cannot be settled does not stop the others; a parallel `each` keeps them from waiting for a slow one.
    """
    end = time.monotonic() + MAX_ROUND_SECONDS

    def told(doubt: Attempt) -> LookupResult:
        if doubt is not doubts[0] and time.monotonic() > end:
            return LookupResult.WAIT
        schedule_next_lookup(doubt)
        word = _by_request_id(doubt, provider)
        if word is LookupResult.NOTHING and doubt.request_id:
            is_beyond_history(doubt)
        return word

    words = [word or LookupResult.WAIT for word in each(partial(run_isolated, told), doubts)]
    left = [doubt for doubt, word in zip(doubts, words, strict=True) if word is LookupResult.NOTHING]
    return words.count(LookupResult.SETTLED) + _by_history(left, provider, each)


def _by_request_id(doubt: Attempt, provider: Provider) -> LookupResult:
    if not doubt.request_id:
        return LookupResult.NOTHING
    free_connection()
    try:
        answer = provider.resume(doubt.request_id, LOOKUP_TIMEOUT_SECONDS)
    except RequestForgotten:
        return LookupResult.NOTHING
    except ProviderError as error:
        if error.maybe_charged or error.status != FAILED:
            logger.info("attempt %s: %s", doubt.id, error.message)
            return LookupResult.WAIT
        mark_not_billed(doubt, error.full_message, again=error.retryable, most=SIGHTINGS_NEEDED)
        return LookupResult.SETTLED
    return LookupResult.SETTLED if _stored(doubt, answer, provider) else LookupResult.WAIT


def _stored(doubt: Attempt, answer: Answer, provider: Provider) -> bool:
    try:
        spool.write(doubt.id, answer)
    except OSError:
        logger.exception("the answer to attempt %s was found, and the spool could not take it", doubt.id)
        return False
    accept(doubt.id, answer, provider)
    return True


def _by_history(doubts: Sequence[Attempt], provider: Provider, each: MapFunction) -> int:
    settled = 0
    for day, rows in history_around(doubts, provider):
        if rows is not None:
            settle = partial(_settle, rows=rows, provider=provider)
            settled += sum(map(bool, each(partial(run_isolated, settle), day)))
    return settled


def _settle(doubt: Attempt, rows: Sequence[PastCall], provider: Provider) -> bool:
    row = history_matching.find_row(doubt, rows)
    paid = doubt.cost is not None and not doubt.cost_estimated
    if row is None:
        return not paid and _absent(doubt, rows)
    # The provider answered it with a price once, and the disk could not take the answer: the history does not outweigh
    # that.
    if not row.finished or (row.failed and paid):
        return False
    if row.failed:
        mark_not_billed(doubt, NOT_DRAWN, again=True, most=SIGHTINGS_NEEDED)
        return True
    return _drawn(doubt, row, provider)


def _drawn(doubt: Attempt, row: PastCall, provider: Provider) -> bool:
    """Store the picture if the provider still has it, otherwise post what it cost; return whether it is settled."""
    try:
        answer = _fetched(doubt, row, provider)
    except ProviderError as error:
        logger.info("attempt %s was drawn, and cannot be fetched now: %s", doubt.id, error.cause)
        return False
    if answer is not None:
        return _stored(doubt, answer, provider)
    return row.cost is not None and _billed(doubt, row.request_id, row.cost)


def _fetched(doubt: Attempt, row: PastCall, provider: Provider) -> Answer | None:
    """Return the answer; None when the provider no longer has it. Raises ProviderError when it may come later."""
    if row.request_id and row.request_id != doubt.request_id:
        try:
            return provider.resume(row.request_id, LOOKUP_TIMEOUT_SECONDS)
        except RequestForgotten as error:
            logger.info("attempt %s is not kept under its request id: %s", doubt.id, error.message)
    return _named(row, provider) if row.output else None


def _named(row: PastCall, provider: Provider) -> Answer | None:
    """Return the picture that a row of the history links to; None when it is gone.

    When its file cannot be downloaded now, the answer only names the file, which is then downloaded later like any
    other. Files are kept for longer than records.
    """
    body = json.dumps({"output": row.output}).encode()
    answer = Answer(body, "application/json", row.cost, None, row.request_id, None, row.seed, "history")
    try:
        return replace(answer, body=provider.picture(answer), content_type="", is_file=True)
    except UnusableAnswer as error:
        return answer if error.retryable and error.status not in FILE_GONE_STATUSES else None


@transaction.atomic
def _billed(doubt: Attempt, request_id: str, cost: Decimal) -> bool:
    """Post the charge of a picture that is gone; the state stays `unknown`. Return False if the outcome is known."""
    if not Attempt.objects.select_for_update().filter(id=doubt.id, state=AttemptState.UNKNOWN).exists():
        return False
    record_charge(
        doubt, cost, estimated=False, source=CostSource.HISTORY, mend=True, note=_("from the provider's history")
    )
    reason = str(DELIVERED_NOT)
    Attempt.objects.filter(id=doubt.id).update(reason=reason, request_id=request_id or doubt.request_id)
    Generation.objects.filter(id=doubt.generation_id, state=State.UNKNOWN).update(reason=reason)
    return True


def history_complete_at(doubt: Attempt) -> datetime | None:
    """Return when the history's delay for an attempt was over; None while it is not, or the attempt is too old."""
    moment = sent(doubt) + timedelta(seconds=conf().history_lag)
    return None if moment > timezone.now() or doubt.is_beyond_history else moment


def _absent(doubt: Attempt, rows: Sequence[PastCall]) -> bool:
    """Settle an attempt as not charged when the history, after its delay, and the balance both lack it."""
    if history_complete_at(doubt) is None:
        return False
    if not history_matching.is_missing(doubt, rows) or not balance_readings.explains_without(doubt):
        return False
    mark_not_billed(doubt, NOT_DRAWN, again=True)
    return True


@transaction.atomic
def mark_not_billed(doubt: Attempt, sentence: "str | _StrPromise", *, again: bool, most: int = MAX_TRIES) -> None:
    """Settle an attempt as not charged.

    `again` queues the generation again with the hold it has, unless it has changed meanwhile (another try, deleted,
    given up as lost by a user) or `most` attempts were already not charged. Otherwise the hold is released.
    """
    sentence = str(sentence)
    if not move_attempt(doubt.id, [AttemptState.UNKNOWN], AttemptState.NOT_BILLED, reason=sentence):
        return
    # Read again after the move has locked the row, because a user may just have posted an estimate for it.
    doubt = Attempt.objects.get(id=doubt.id)
    if doubt.cost is not None:
        note = _("not charged by the provider")
        record_charge(doubt, ledger.ZERO, estimated=False, source=CostSource.HISTORY, mend=True, note=note)
        return
    generation = Generation.objects.select_for_update().get(id=doubt.generation_id)
    untouched = generation.hold_count == doubt.hold_number and generation.deleted_at is None
    if again and untouched and _queued_again(doubt, sentence, most):
        return
    _end(generation, doubt, sentence)
    ledger.release(generation.id, doubt.hold_number)


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
    if generation.hold_count == doubt.hold_number and others.filter(cost=None).exists():
        sentence = f"{sentence} {EARLIER_UNKNOWN}"
    elif others.exists():
        return
    move(generation.id, State.UNKNOWN, State.FAILED, reason=sentence, finished_at=Now())
