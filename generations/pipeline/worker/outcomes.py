"""Outcome of a call that brought no picture: one table from the error's class to the next state."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy

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
# Retries within ten minutes: a tenth of the stored pictures, or this many; an outage must not become a retry storm.
FEW_RETRIES, SHARE = 10, 0.1
EARLIER_UNKNOWN = gettext_lazy("An earlier attempt may have been charged.")
BUDGET_WINDOW = timedelta(minutes=10)
# Not caused by the request: an administrator fixes a key or a balance, and a rate limit passes by itself.
FREE_FAILURES = (KeyRejected, OutOfCredits, RateLimited)


def settle_error(claim: Claim, error: ProviderError) -> None:
    """Record the outcome of a failed call; an unknown outcome becomes the state `unknown`, never a silent second call.

    The lease is not checked: the attempt's own conditional UPDATE decides, and the generation's follows it. With a
    check of the lease, a sweeper that has just taken it would be left with a running row whose attempt is closed.
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
    """Record that the request was sent and no trustworthy answer came back."""
    if _close_attempt(attempt_id, AttemptState.UNKNOWN, error, sentence):
        move(generation_id, State.RUNNING, State.UNKNOWN, reason=sentence, finished_at=Now())


def _fail(claim: Claim, error: ProviderError) -> None:
    sentence = error.full_message
    if Attempt.objects.filter(generation=claim.generation_id, state=AttemptState.UNKNOWN, cost=None).exists():
        sentence = f"{sentence} {EARLIER_UNKNOWN}"
    move(claim.generation_id, State.RUNNING, State.FAILED, reason=sentence, finished_at=Now())
    ledger.release(claim.generation_id, claim.hold)


def _close_attempt(
    attempt_id: uuid.UUID, target: AttemptState, error: ProviderError | None, sentence: str = ""
) -> bool:
    evidence: dict[str, object] = {"finished_at": Now(), "reason": sentence}
    if error is not None:
        evidence |= {"http_status": error.status, "reason": error.full_message, "headers": dict(error.headers) or None}
        # An id that was recorded when the call was accepted stays.
        if error.request_id:
            evidence["request_id"] = error.request_id[: Attempt._meta.get_field("request_id").max_length]
    return move_attempt(attempt_id, [AttemptState.SENT], target, **evidence)


def _backing_off(claim: Claim, error: ProviderError) -> Any:
    return within_budget(claim.tries) if claim.tries < MAX_TRIES else None


def _retry_later(claim: Claim, error: ProviderError) -> Any:
    return within_budget(claim.tries) if _refused_before(claim, error) == 0 else None


def within_budget(tries: int) -> Any:
    """Return the time of the next try: the longest delay while the retry budget is used up. Refusals do not count."""
    recent = Attempt.objects.filter(id__gte=uuid7_min(timezone.now() - BUDGET_WINDOW))
    failed = Q(state=AttemptState.NOT_BILLED) & (Q(http_status=0) | Q(http_status__gte=500))
    counts = recent.aggregate(failed=Count("id", filter=failed), came=Count("id", filter=Q(state=AttemptState.STORED)))
    if counts["failed"] < max(FEW_RETRIES, SHARE * counts["came"]):
        return available_later(tries)
    return Now() + timedelta(seconds=random.uniform(MAX_DELAY_SECONDS / 2, MAX_DELAY_SECONDS))


def _next_try_at(claim: Claim, error: ProviderError) -> Any:
    """Return now, because a pause holds the generation back until the cause is fixed."""
    return Now()


def _at_rate_limit_reset(claim: Claim, error: ProviderError) -> Any:
    """Return the time the provider names if it is in the next five minutes, else growing delays."""
    reset = error.reset_at if isinstance(error, RateLimited) else None
    seconds = (reset - datetime.now(UTC)).total_seconds() if reset else 0
    if 0 < seconds <= MAX_DELAY_SECONDS:
        return Now() + timedelta(seconds=seconds)
    return available_later(1 + _refused_before(claim, error))


def _refused_before(claim: Claim, error: ProviderError) -> int:
    """Return how many earlier attempts had the same status; the present one is not closed yet."""
    earlier = Attempt.objects.filter(generation=claim.generation_id, state=AttemptState.NOT_BILLED)
    return earlier.filter(http_status=error.status).count()


# An error without an entry is certain, and the same request would fail again.
DELAYS: dict[type[ProviderError], Callable[[Claim, ProviderError], Any]] = {
    NotSent: _backing_off,
    ProviderFailed: _retry_later,
    RateLimited: _at_rate_limit_reset,
    KeyRejected: _next_try_at,
    OutOfCredits: _next_try_at,
    SpendLimit: _next_try_at,
}
