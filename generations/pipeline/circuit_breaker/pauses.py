"""Global circuit breaker: what opens it, which calls pass as probes while it is half-open, and what closes it.

Each pause is a row in the database, so that it outlives every process and a flushed Redis. Generations stay queued
meanwhile.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

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
from generations.models import Generation, PauseCause, ProviderPause, State, User
from generations.pipeline.admin_alerts import alert_admins_throttled

logger = logging.getLogger(__name__)
FORBIDDEN = 403
# Only a paid call shows whether these are over; one call at a time passes.
CLOSED_BY_ANSWER = [PauseCause.ACCOUNT, PauseCause.LIMIT, PauseCause.FAILING]
PROBED_BY_CALL = [*CLOSED_BY_ANSWER, PauseCause.UNUSABLE]
MAX_PROBE_INTERVAL_SECONDS = 600.0
# Administrators are notified of causes that do not end by themselves.
ALERTED_CAUSES = {
    PauseCause.KEY,
    PauseCause.ACCOUNT,
    PauseCause.CREDITS,
    PauseCause.LIMIT,
    PauseCause.DISK,
    PauseCause.UNUSABLE,
}


@dataclass(frozen=True)
class CircuitPass:
    """Permission to send one call, with the open pauses that it probes (none when nothing is paused)."""

    probed_pauses: tuple[uuid.UUID, ...] = ()


UNRESTRICTED = CircuitPass()


def open_pauses() -> list[ProviderPause]:
    """Return the pauses that are open, of every cause."""
    return list(ProviderPause.objects.filter(ended_at=None))


def pause(
    cause: PauseCause, reason: str, *, by: User | None = None, needed: Decimal | None = None, probe_in: float = 0.0
) -> bool:
    """Start a pause; return False when one of this cause is open. `probe_in` is seconds until its first probe."""
    values = {"reason": reason, "started_by": by, "needed": needed, "probe_at": Now() + timedelta(seconds=probe_in)}
    started = ProviderPause.objects.get_or_create(cause=cause, ended_at=None, defaults=values)[1]
    if started:
        logger.error("generation paused (%s): %s", cause, reason)
        if cause in ALERTED_CAUSES:
            alert_admins_throttled(
                f"pause: {cause}", _("Generation is paused: %(cause)s") % {"cause": cause.label}, reason
            )
    return started


def end(reason: str, *, by: User | None = None, **which: Any) -> int:
    """End the open pauses that match the filter `which`; return how many."""
    ended = ProviderPause.objects.filter(ended_at=None, **which).update(ended_at=Now(), ended_by=by, end_reason=reason)
    if ended:
        logger.warning("a pause has ended: %s", reason)
        # Their messages were consumed while nothing could be sent; the sweeper enqueues them again at once.
        Generation.objects.filter(state=State.QUEUED).update(enqueued_at=None)
    return ended


def acquire_pass() -> CircuitPass | None:
    """Return the permission to send a call; None while nothing may be sent.

    While a probe is allowed, the first process to ask gets it. One call probes all open pauses, once the last of them
    is due, because any that stayed open would stop it.
    """
    paused = open_pauses()
    if not paused:
        return UNRESTRICTED
    if not allows_probe():
        return None
    # All processes choose the same pause as the last one, so that one UPDATE decides between them.
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
    """Return the permission of a call that was not made, so that the next call may probe."""
    unused = ProviderPause.objects.filter(id__in=admitted.probed_pauses, ended_at=None, probes__gt=0)
    unused.update(probes=F("probes") - 1, probe_at=Now())


def allows_probe() -> bool:
    """Return whether `acquire_pass` may grant a permission, without taking it."""
    due = Q(cause__in=PROBED_BY_CALL, probe_at__lte=Now())
    return not ProviderPause.objects.filter(ended_at=None).exclude(due).exists()


def is_still_valid(admitted: CircuitPass) -> bool:
    """Return whether no other pause has opened; checked in the transaction that commits an attempt as sent."""
    return not ProviderPause.objects.filter(ended_at=None).exclude(id__in=admitted.probed_pauses).exists()


def probe_interval(one: ProviderPause) -> float:
    """Return the seconds until the next probe: doubled each time, up to ten minutes."""
    first = conf().breaker_seconds if one.cause == PauseCause.FAILING else 5 * conf().probe_seconds
    return min(MAX_PROBE_INTERVAL_SECONDS, first * 2.0 ** min(one.probes + 1, 10))


def note_success(admitted: CircuitPass) -> None:
    """End the pauses that a successful call probed, except those that only a stored picture closes."""
    if admitted.probed_pauses:
        end(_("The provider accepted a request again."), id__in=admitted.probed_pauses, cause__in=CLOSED_BY_ANSWER)


def note_picture(sent_at: datetime | None) -> None:
    """End the pause for unusable answers if the stored picture was sent after the pause began."""
    end(_("A picture was generated again."), cause=PauseCause.UNUSABLE, started_at__lt=sent_at)


def note_error(error: ProviderError, admitted: CircuitPass, *, needed: Decimal) -> None:
    """Pause for account-wide errors; end the probed pauses that an error of another kind proves to be over."""
    cause = cause_of(error)
    if cause is not None:
        pause(cause, error.message, needed=needed if cause == PauseCause.CREDITS else None, probe_in=first_probe(cause))
    for tried in ProviderPause.objects.filter(id__in=admitted.probed_pauses, ended_at=None):
        if _shows_over(error, PauseCause(tried.cause)):
            end(_("The provider is responding again."), id=tried.id)


def _shows_over(error: ProviderError, cause: PauseCause) -> bool:
    """Return whether an answer without a picture proves that the probed cause is gone."""
    if cause == PauseCause.UNUSABLE:
        return False
    if cause == PauseCause.FAILING:
        return not is_failing(error)
    # The provider checks the key, the rate and the model before the account, so only later errors prove anything.
    return isinstance(error, Refused | StillGenerating)


def cause_of(error: ProviderError) -> PauseCause | None:
    """Return the cause of a pause for an account-wide error; None for an error that concerns one request only."""
    if isinstance(error, SpendLimit):
        return PauseCause.LIMIT
    if isinstance(error, OutOfCredits):
        return PauseCause.CREDITS
    if isinstance(error, KeyRejected) and error.retryable:
        return PauseCause.ACCOUNT if error.status == FORBIDDEN else PauseCause.KEY
    return None


def is_failing(error: ProviderError) -> bool:
    """Return whether an error is the provider's or the network's own, independent of the request."""
    return isinstance(error, OutcomeUnknown | NotSent | ProviderFailed | StillGenerating)


def first_probe(cause: PauseCause) -> float:
    """Return the seconds until the first probe: none for a free balance query, a while for a paid call."""
    return 5 * conf().probe_seconds if cause in PROBED_BY_CALL else 0.0
