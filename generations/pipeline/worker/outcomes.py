"""What becomes of a generation whose call brought no picture: one table, from the error's class to the next state."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.errors import (
    KeyRejected,
    NotSent,
    OutOfCredits,
    ProviderError,
    ProviderFailed,
    RateLimited,
    SpendLimit,
)  # fmt: skip
from generations.models import Attempt, AttemptState, State, uuid7_min
from generations.pipeline.worker.claim import MAX_DELAY_SECONDS, Claim, available_later, move, move_attempt

MAX_TRIES = 6
# Retries may be a tenth of the pictures that came, or this many, in ten minutes; an outage must not become a storm.
FEW_RETRIES, SHARE = 10, 0.1
EARLIER_UNKNOWN = " An earlier attempt may have been charged."
BUDGET_WINDOW = timedelta(minutes=10)
# The order has no part in it: a key or a balance is mended by a person, a rate limit by the clock.
FREE_FAILURES = (KeyRejected, OutOfCredits, RateLimited)


def settle_error(claim: Claim, error: ProviderError) -> None:
    """Write what is certain; a doubt becomes the state `unknown`, never a silent second call.

    Whoever holds the lease by now: the attempt's own move decides, and the generation's belongs to it. Were the lease
    asked as well, a sweeper that has just taken it would be left with a running row whose attempt is closed.
    """
    if error.maybe_charged:
        mark_unknown(claim.generation_id, claim.attempt_id, error.message, error)
        return
    delay = DELAYS[type(error)](claim, error) if error.retryable and type(error) in DELAYS else None
    with transaction.atomic():
        if not _close_attempt(claim.attempt_id, AttemptState.NOT_BILLED, error):
            return
        if delay is None:
            _fail(claim, error)
        else:
            tries = claim.tries - isinstance(error, FREE_FAILURES)
            move(
                claim.generation_id, State.RUNNING, State.QUEUED,
                available_at=delay, enqueued_at=None, reason=error.message, tries=tries,
            )  # fmt: skip


@transaction.atomic
def mark_unknown(
    generation_id: uuid.UUID, attempt_id: uuid.UUID, sentence: str, error: ProviderError | None = None
) -> None:
    """The request left and nothing trustworthy came back."""
    if _close_attempt(attempt_id, AttemptState.UNKNOWN, error, sentence):
        move(generation_id, State.RUNNING, State.UNKNOWN, reason=sentence, finished_at=Now())


def _fail(claim: Claim, error: ProviderError) -> None:
    sentence = error.full_message
    if Attempt.objects.filter(generation=claim.generation_id, state=AttemptState.UNKNOWN, cost=None).exists():
        sentence += EARLIER_UNKNOWN
    move(claim.generation_id, State.RUNNING, State.FAILED, reason=sentence, finished_at=Now())
    ledger.release(claim.generation_id, claim.hold)


def _close_attempt(
    attempt_id: uuid.UUID, target: AttemptState, error: ProviderError | None, sentence: str = ""
) -> bool:
    evidence: dict[str, Any] = {"finished_at": Now(), "reason": sentence}
    if error is not None:
        evidence |= {"http_status": error.status, "reason": error.full_message, "headers": dict(error.headers) or None}
        # One that was noted when the call was accepted stays.
        if error.request_id:
            evidence["request_id"] = error.request_id[: Attempt._meta.get_field("request_id").max_length]
    return move_attempt(attempt_id, [AttemptState.SENT], target, **evidence)


def _backing_off(claim: Claim, error: ProviderError) -> Any:
    return within_budget(claim.tries) if claim.tries < MAX_TRIES else None


def _retry_later(claim: Claim, error: ProviderError) -> Any:
    return within_budget(claim.tries) if _refused_before(claim, error) == 0 else None


def within_budget(tries: int) -> Any:
    """When so many are tried again already, this one waits as long as any. What was refused is not tried again."""
    recent = Attempt.objects.filter(id__gte=uuid7_min(timezone.now() - BUDGET_WINDOW))
    failed = Q(state=AttemptState.NOT_BILLED) & (Q(http_status=0) | Q(http_status__gte=500))
    counts = recent.aggregate(failed=Count("id", filter=failed), came=Count("id", filter=Q(state=AttemptState.STORED)))
    if counts["failed"] < max(FEW_RETRIES, SHARE * counts["came"]):
        return available_later(tries)
    return Now() + timedelta(seconds=random.uniform(MAX_DELAY_SECONDS / 2, MAX_DELAY_SECONDS))


def _next_try_at(claim: Claim, error: ProviderError) -> Any:
    """A pause holds it back until a person has mended the cause."""
    return Now()


def _at_rate_limit_reset(claim: Claim, error: ProviderError) -> Any:
    """At the moment the vendor names when it lies in the next five minutes, else with growing delays."""
    reset = error.reset_at if isinstance(error, RateLimited) else None
    seconds = (reset - datetime.now(UTC)).total_seconds() if reset else 0
    if 0 < seconds <= MAX_DELAY_SECONDS:
        return Now() + timedelta(seconds=seconds)
    return available_later(1 + _refused_before(claim, error))


def _refused_before(claim: Claim, error: ProviderError) -> int:
    """How many earlier attempts met the same answer; the present one is not closed yet."""
    earlier = Attempt.objects.filter(generation=claim.generation_id, state=AttemptState.NOT_BILLED)
    return earlier.filter(http_status=error.status).count()


# No entry: certain, and the same order would fail again.
DELAYS: dict[type[ProviderError], Callable[[Claim, ProviderError], Any]] = {
    NotSent: _backing_off,
    ProviderFailed: _retry_later,
    RateLimited: _at_rate_limit_reset,
    KeyRejected: _next_try_at,
    OutOfCredits: _next_try_at,
    SpendLimit: _next_try_at,
}
