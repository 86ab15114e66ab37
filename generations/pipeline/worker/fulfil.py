"""Fulfilment of one queued generation by a worker: admit, claim, commit as sent, call, spool, store."""

import errno
import logging
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations import limiter
from generations.conf import Conf, conf
from generations.errors import InvalidRequest, KeyRejected, ModelGone, OutcomeUnknown, ProviderError, RateLimited
from generations.models import Attempt, AttemptState, PauseCause
from generations.pipeline.admin_alerts import alert_admins_throttled
from generations.pipeline.charges import record_charge
from generations.pipeline.circuit_breaker import breaker, pauses
from generations.pipeline.circuit_breaker.pauses import CircuitPass
from generations.pipeline.worker.account_errors import reclassify_error
from generations.pipeline.worker.cancel import blocking_reason, cancel_queued
from generations.pipeline.worker.claim import Claim, claim, extend_lease, is_due, mark_sent
from generations.pipeline.worker.outcomes import settle_error
from generations.pipeline.worker.store import accept, free_connection, price_of, rate_of, source_of
from generations.providers import provider_for
from generations.providers.base import Answer, Provider
from generations.storage import files, spool

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

logger = logging.getLogger(__name__)
MIN_WAIT_SHOWN = timedelta(seconds=5)
RETRY_SECONDS = 0.5
# For the work between the end of a call's wait and the spool.
SHORT_WAIT_SECONDS = 5.0
# The part file was deleted, or too many files are open: the next generation's answer may still be written.
NOT_DISK_ERRORS = {errno.ENOENT, errno.EMFILE, errno.ENFILE}
DISK_ERROR = gettext_lazy("The picture was generated and charged, but couldn't be written to this site's disk.")
DISK_FULL = gettext_lazy("The disk for pictures is almost full. Pictures stay queued until there's free space.")
# Each order that meets one of these fails until an administrator has fixed it.
MISCONFIGURED: "dict[type[ProviderError], _StrPromise]" = {
    InvalidRequest: gettext_lazy("The provider can't read this site's requests"),
    ModelGone: gettext_lazy("The provider no longer offers a model"),
    KeyRejected: gettext_lazy("The provider doesn't let this site use a model"),
}
MISCONFIGURED_HELP = gettext_lazy(
    "Affected pictures fail at no cost until this is fixed. You'll get this alert at most once an hour."
)


@dataclass(frozen=True)
class Begun:
    """A claim whose attempt is committed as sent, and the permission to make its call."""

    claim: Claim
    admitted: CircuitPass


def fulfil(generation_id: uuid.UUID, provider: Provider | None = None) -> None:
    """Generate one picture; do nothing unless it is queued and due. Neither its turn nor the rate limit is asked."""
    if begun := begin(generation_id):
        complete(begun, provider)


def begin(generation_id: uuid.UUID) -> Begun | None:
    """Claim the picture and commit it as sent; None if it is not queued and due, or nothing may be sent.

    A picture that must not be sent any more is cancelled.
    """
    if not is_due(generation_id) or not pauses.allows_probe():
        return None
    if reason := blocking_reason(generation_id):
        cancel_queued(generation_id, actor=None, reason=reason)
        return None
    if (admitted := _admitted()) is None:
        return None
    claimed = claim(generation_id)
    if claimed is None or not mark_sent(claimed, admitted):
        pauses.return_pass(admitted)
        return None
    return Begun(claimed, admitted)


def complete(begun: Begun, provider: Provider | None = None) -> None:
    """Make the paid call of what was begun, and store its answer."""
    claimed, provider = begun.claim, provider or configured_provider()
    free_connection()
    answer = _called(provider, claimed, begun.admitted)
    if answer is None:
        return
    spooled = _spooled(claimed, answer)
    pauses.note_success(begun.admitted)
    if spooled:
        extend_lease(claimed, conf().store_seconds)
        accept(claimed.attempt_id, answer, provider)


def _admitted() -> CircuitPass | None:
    """Return the permission to send. The disk is checked first, since a paid picture has to be stored."""
    if files.is_full():
        pauses.pause(PauseCause.DISK, str(DISK_FULL))
    return pauses.acquire_pass()


def _called(provider: Provider, claimed: Claim, admitted: CircuitPass) -> Answer | None:
    try:
        answer = provider.call(claimed.request, partial(_accepted, claimed))
    except ProviderError as met:
        error = reclassify_error(claimed, met, provider)
        # The pause opens before the generation is queued again, or the next worker would claim it and fail as well.
        pauses.note_error(error, admitted, needed=claimed.estimate)
        if isinstance(error, RateLimited):
            limiter.block(_until(error))
        settle_error(claimed, error)
        breaker.note_error(error)
        _alert_misconfiguration(error)
        return None
    return answer


def _alert_misconfiguration(error: ProviderError) -> None:
    """Alert the administrators about an error that only they can fix.

    Nothing is paused, because other models may still work. Retryable errors have a pause and an email of their own.
    """
    kind = type(error)
    if kind in MISCONFIGURED and not error.retryable:
        text = f"{error.full_message} {MISCONFIGURED_HELP}"
        alert_admins_throttled(f"orders fail: {kind.__name__}", str(MISCONFIGURED[kind]), text)


def _until(error: RateLimited) -> datetime:
    """Return when the provider's rate window ends; a few seconds from now if it names no future time."""
    soon = datetime.now(UTC) + MIN_WAIT_SHOWN
    return error.reset_at if error.reset_at and error.reset_at > datetime.now(UTC) else soon


def _accepted(claimed: Claim, request_id: str) -> None:
    """Record the request id at once, so that the picture can be fetched after this process has died.

    From now on the lease ends with the wait. The time to store the answer is left out: if this process dies, the
    process that looks the picture up does not wait for it as well; an answer that both store is stored once.
    """
    try:
        Attempt.objects.filter(id=claimed.attempt_id, state=AttemptState.SENT).update(request_id=request_id)
        extend_lease(claimed, conf().timeout + SHORT_WAIT_SECONDS)
        free_connection()
    except Error:
        # The call goes on, because its answer matters more than the request id.
        logger.exception("the request id %s of attempt %s could not be noted", request_id, claimed.attempt_id)


def _spooled(claimed: Claim, answer: Answer) -> bool:
    """Write the answer to the spool; return False when the disk takes nothing for as long as the lease allows."""
    end = time.monotonic() + conf().store_seconds / 2
    while True:
        try:
            spool.write(claimed.attempt_id, answer)
            return True
        except OSError as error:
            logger.exception("the spool took no answer for attempt %s", claimed.attempt_id)
            failure, passing = str(error.strerror), error.errno in NOT_DISK_ERRORS
        if time.monotonic() >= end:
            _answer_lost(claimed, answer, failure)
            return False
        if not passing:
            _stop_everybody()
        time.sleep(RETRY_SECONDS)


def _stop_everybody() -> None:
    try:
        pauses.pause(PauseCause.DISK, str(DISK_FULL))
    except Error:
        # The database may be on the same disk.
        logger.exception("the pause could not be noted")
    free_connection()


def _answer_lost(claimed: Claim, answer: Answer, failure: str) -> None:
    """Charge an answer whose picture could not be written to disk: its cost is known all the same."""
    settle_error(claimed, OutcomeUnknown(DISK_ERROR, status=200, details=failure, request_id=answer.request_id))
    attempt = Attempt.objects.select_related("generation").get(id=claimed.attempt_id)
    rate = rate_of(attempt.generation.model)
    cost, estimated = price_of(answer, rate, attempt.estimate)
    Attempt.objects.filter(id=attempt.id).update(headers=dict(answer.headers) or None)
    note = _("the response couldn't be saved")
    record_charge(attempt, cost, estimated=estimated, source=source_of(answer, rate), note=note)


def configured_provider() -> Provider:
    """Return the provider of the settings, one object for each process."""
    return _provider(conf())


@cache
def _provider(settings: Conf) -> Provider:
    return provider_for(settings)
