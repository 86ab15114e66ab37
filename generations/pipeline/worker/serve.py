"""What a worker does for a message: it waits for the rate limit, takes the picture whose turn it is, and fulfils it.

A message says only that something is queued. The picture is chosen when it may be sent, so a user who comes later with
their first picture does not wait behind all that one user has queued before.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import Error, InterfaceError, OperationalError
from django.db.models.functions import Now

from generations import limiter, scheduler
from generations.conf import conf
from generations.models import Generation, State
from generations.pipeline.circuit_breaker import pauses
from generations.pipeline.worker.claim import MAX_DELAY_SECONDS
from generations.pipeline.worker.fulfil import Begun, begin, complete
from generations.pipeline.worker.store import free_connection

logger = logging.getLogger(__name__)
# The longest distance of two requests: a plan of one request a minute, of which the limiter grants a part.
MAX_WAIT_SECONDS = 70.0
# Other workers may take the first ones at the same moment.
CANDIDATES = 16
stopping = threading.Event()
_waiter = threading.Lock()


def serve(named: uuid.UUID, enqueue: Callable[[list[uuid.UUID]], object]) -> None:
    """Generate the picture whose turn it is, which need not be the `named` one; do nothing when none is due.

    While the provider's plan allows no request, one thread of each process waits, and other messages are used up.
    So the thread that goes on to a call enqueues the next picture if there is one.
    """
    # The message about this one is used up; the sweeper may send another one.
    Generation.objects.filter(id=named, state=State.QUEUED).update(enqueued_at=None)
    begun = _begin_next() if _is_due() and _may_send() else None
    if begun is None:
        return
    try:
        if conf().requests_per_minute:
            enqueue(scheduler.next_up(1))
    except Error:
        # The attempt is committed as sent: without its call, its outcome would be unknown.
        logger.exception("the next picture was not enqueued")
    complete(begun)


def _begin_next() -> Begun | None:
    """Begin the picture whose turn it is, or the first after it that no other worker has begun."""
    tried: set[uuid.UUID] = set()
    while candidates := [id_ for id_ in _candidates() if id_ not in tried]:
        for id_ in candidates:
            if begun := _begin(id_):
                return begun
        tried.update(candidates)
    return None


def _candidates() -> list[uuid.UUID]:
    return scheduler.least_tried(scheduler.due()) if pauses.open_pauses() else scheduler.next_up(CANDIDATES)


def _begin(generation_id: uuid.UUID) -> Begun | None:
    """Begin this picture; put it off when that fails, because it would stop the queue for everybody."""
    try:
        return begin(generation_id)
    except (OperationalError, InterfaceError):
        raise  # the database is away, for all of them
    # A picture of any other fault must not keep its turn.
    except Exception:
        logger.exception("generation %s could not be begun; it is tried again in some minutes", generation_id)
        later = {"available_at": Now() + timedelta(seconds=MAX_DELAY_SECONDS), "enqueued_at": None}
        Generation.objects.filter(id=generation_id, state=State.QUEUED).update(**later)
        return None


def _is_due() -> bool:
    """Return whether there is something to send; asked before the rate limit, because a token cannot be given back."""
    return pauses.allows_probe() and scheduler.due().exists()


def _may_send() -> bool:
    """Return whether the provider's plan allows a request; wait for it, unless another thread of this process does."""
    wait = limiter.take()
    if not wait:
        return True
    if not _waiter.acquire(blocking=False):
        return False
    try:
        while 0 < wait <= MAX_WAIT_SECONDS:
            free_connection()
            if stopping.wait(wait) or not _is_due():
                return False
            wait = limiter.take()
    finally:
        _waiter.release()
    return not wait
