"""Times in which nothing is sent, for everybody: what starts them, what is let through to try, and what ends them.

The rows are in the database, so that they outlive every process and a flushed Redis. Orders wait meanwhile.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now

from generations.conf import conf
from generations.errors import (
    KeyRejected,
    NotSent,
    OutcomeUnknown,
    OutOfCredits,
    ProviderError,
    ProviderFailed,
    Refused,
    SpendLimit,
    StillGenerating,
)  # fmt: skip
from generations.models import Cause, Generation, ProviderPause, State, User
from generations.pipeline.admin_alerts import alert_admins_throttled

logger = logging.getLogger(__name__)
FORBIDDEN = 403
# Only a call shows whether these are over; one is let through at a time.
CLOSED_BY_ANSWER = [Cause.ACCOUNT, Cause.LIMIT, Cause.FAILING]
PROBED_BY_CALL = [*CLOSED_BY_ANSWER, Cause.UNUSABLE]
MAX_PROBE_INTERVAL_SECONDS = 600.0
# The administrators hear of what does not end by itself.
ALERTED_CAUSES = {Cause.KEY, Cause.ACCOUNT, Cause.CREDITS, Cause.LIMIT, Cause.DISK, Cause.UNUSABLE}


@dataclass(frozen=True)
class CircuitPass:
    """Leave to send one order. `trying` are the pauses that it tries out, none while nothing is paused."""

    probed_pauses: tuple[uuid.UUID, ...] = ()


UNRESTRICTED = CircuitPass()


def open_pauses() -> list[ProviderPause]:
    return list(ProviderPause.objects.filter(ended_at=None))


def pause(
    cause: Cause, reason: str, *, by: User | None = None, needed: Decimal | None = None, probe_in: float = 0.0
) -> bool:
    """False when this cause has paused already. `probe_in` is seconds until it may first be looked after."""
    values = {"reason": reason, "started_by": by, "needed": needed, "probe_at": Now() + timedelta(seconds=probe_in)}
    _, started = ProviderPause.objects.get_or_create(cause=cause, ended_at=None, defaults=values)
    if started:
        logger.error("nothing is sent to the provider from now on (%s): %s", cause, reason)
        if cause in ALERTED_CAUSES:
            alert_admins_throttled(f"pause: {cause}", f"Generation is paused: {cause.label}", reason)
    return started


def end(reason: str, *, by: User | None = None, **which: Any) -> int:
    """Ends the open pauses that fit `which`, a filter; how many."""
    ended = ProviderPause.objects.filter(ended_at=None, **which).update(ended_at=Now(), ended_by=by, end_reason=reason)
    if ended:
        logger.warning("a pause has ended: %s", reason)
        # Their messages were taken while nothing could be sent; the sweeper rings for them at once.
        Generation.objects.filter(state=State.QUEUED).update(enqueued_at=None)
    return ended


def acquire_pass() -> CircuitPass | None:
    """None while nothing may be sent. Where one call may find out, the first to ask gets to be it.

    One call tries all that is paused, once the last of them is due: whichever stayed would stop it.
    """
    paused = open_pauses()
    if not paused:
        return UNRESTRICTED
    if not allows_probe():
        return None
    # All who ask see the same one as the last, so that one UPDATE decides between them.
    last = max(paused, key=lambda one: (one.probe_at or one.started_at, one.id))
    if not _take(last):
        return None
    for one in paused:
        if one is not last:
            _take(one)
    return CircuitPass(probed_pauses=tuple(one.id for one in paused))


def _take(one: ProviderPause) -> bool:
    waiting = ProviderPause.objects.filter(id=one.id, ended_at=None, probes=one.probes, probe_at__lte=Now())
    return waiting.update(probes=F("probes") + 1, probe_at=Now() + timedelta(seconds=probe_interval(one))) == 1


def return_pass(admitted: CircuitPass) -> None:
    """The call that should have tried was not made; the next one may."""
    unused = ProviderPause.objects.filter(id__in=admitted.probed_pauses, ended_at=None, probes__gt=0)
    unused.update(probes=F("probes") - 1, probe_at=Now())


def allows_probe() -> bool:
    """Whether `admission` may be given, without taking it."""
    due = Q(cause__in=PROBED_BY_CALL, probe_at__lte=Now())
    return not ProviderPause.objects.filter(ended_at=None).exclude(due).exists()


def is_still_valid(admitted: CircuitPass) -> bool:
    """Asked once more in the transaction that commits an attempt as sent."""
    return not ProviderPause.objects.filter(ended_at=None).exclude(id__in=admitted.probed_pauses).exists()


def probe_interval(one: ProviderPause) -> float:
    """Seconds until the next call may try: doubled each time, up to ten minutes."""
    first = conf().breaker_seconds if one.cause == Cause.FAILING else 5 * conf().probe_seconds
    return min(MAX_PROBE_INTERVAL_SECONDS, first * 2.0 ** min(one.probes + 1, 10))


def note_success(admitted: CircuitPass) -> None:
    if admitted.probed_pauses:
        end("A picture could be ordered again.", id__in=admitted.probed_pauses, cause__in=CLOSED_BY_ANSWER)


def note_picture(sent_at: datetime | None) -> None:
    """A picture was stored; only one that was ordered since then shows that answers hold pictures again."""
    end("A picture came again.", cause=Cause.UNUSABLE, started_at__lt=sent_at)


def note_error(error: ProviderError, admitted: CircuitPass, *, needed: Decimal) -> None:
    """Pause for what concerns everybody's orders; end what an answer of another kind has shown to be over."""
    cause = cause_of(error)
    if cause is not None:
        pause(cause, error.message, needed=needed if cause == Cause.CREDITS else None, probe_in=first_probe(cause))
    for tried in ProviderPause.objects.filter(id__in=admitted.probed_pauses, ended_at=None):
        if _shows_over(error, Cause(tried.cause)):
            end("The provider answers again.", id=tried.id)


def _shows_over(error: ProviderError, cause: Cause) -> bool:
    """Whether an answer without a picture shows that a cause which was tried out is gone."""
    if cause == Cause.UNUSABLE:
        return False
    if cause == Cause.FAILING:
        return not is_failing(error)
    # The provider looks at the key, the rate and the model first, so only what comes behind the account tells.
    return isinstance(error, Refused | StillGenerating)


def cause_of(error: ProviderError) -> Cause | None:
    """What in an answer stops everybody's orders; None for what concerns the one order only."""
    if isinstance(error, SpendLimit):
        return Cause.LIMIT
    if isinstance(error, OutOfCredits):
        return Cause.CREDITS
    if isinstance(error, KeyRejected) and error.retryable:
        return Cause.ACCOUNT if error.status == FORBIDDEN else Cause.KEY
    return None


def is_failing(error: ProviderError) -> bool:
    """Whether an error is the provider's or the network's own, whatever was ordered."""
    return isinstance(error, OutcomeUnknown | NotSent | ProviderFailed | StillGenerating)


def first_probe(cause: Cause) -> float:
    """The balance may be asked at once, a paid call waits: the vendor has only just refused one."""
    return 5 * conf().probe_seconds if cause in PROBED_BY_CALL else 0.0
