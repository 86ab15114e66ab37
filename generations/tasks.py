"""Celery tasks: a message names a row, and the pipeline decides what to do."""

import logging
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from celery import Task, shared_task
from kombu import Producer

from generations.pipeline.recovery.thumbnails import make_thumbnails
from generations.pipeline.worker.serve import serve

logger = logging.getLogger(__name__)
# The settings' connections try four times, which suits a worker that should outlive a broker's restart.
ONE_TRY = {"retry_on_timeout": False, "max_retries": 0}


@shared_task(name="generations.generate", ignore_result=True, max_retries=0)
def generate(generation_id: str) -> None:
    if (known := _uuid(generation_id)) is not None:
        serve(known, enqueue)


@shared_task(name="generations.thumbnails", ignore_result=True, max_retries=0)
def thumbnails(generation_id: str) -> None:
    if (known := _uuid(generation_id)) is not None:
        make_thumbnails(known)


def enqueue(generation_ids: Sequence[uuid.UUID]) -> None:
    """Send a message for each generation, from a thread of our own, so that a request never waits for Redis.

    A message that cannot be sent is not missed, because the sweeper enqueues every queued row again.
    """
    _enqueue_executor().submit(enqueue_now, list(generation_ids))


def enqueue_now(generation_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Send the messages and wait for the broker; return those that it accepted before its first failure."""
    return _send(generate, generation_ids)


def enqueue_thumbnails(generation_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Like `enqueue_now`, for pictures without thumbnails."""
    return _send(thumbnails, generation_ids)


@cache
def _enqueue_executor() -> ThreadPoolExecutor:
    # Made on first use, because threads do not survive the fork of a web server.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="enqueue")


def _send(task: "Task[[str], None]", generation_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Send messages over one connection; return those accepted before the first failure.

    A broker that does not answer costs five seconds, so hundreds of messages must share one connection.
    """
    taken: list[uuid.UUID] = []
    if not generation_ids:
        return taken
    try:
        with task.app.connection_for_write() as connection:
            connection.transport_options = {**(connection.transport_options or {}), **ONE_TRY}
            producer = Producer(connection, auto_declare=False)
            for generation_id in generation_ids:
                task.apply_async((str(generation_id),), producer=producer, retry=False)
                taken.append(generation_id)
    except Exception as error:  # noqa: BLE001  any client or socket failure means the same: the sweeper enqueues again
        logger.warning("the broker took %d of %d messages: %s", len(taken), len(generation_ids), error)
    return taken


def _uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text))
    except ValueError:
        logger.warning("a message names no generation: %.80r", text)
        return None
