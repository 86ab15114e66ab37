"""Threads for work that waits for others: one at a time in a lane, or several subjects at once."""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections, connection

logger = logging.getLogger(__name__)
DOWNLOAD_THREADS = 4
T = TypeVar("T")
R = TypeVar("R")


class BackgroundLane:
    """A thread for work that waits for others, who may not answer for minutes; the rounds go on meanwhile."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._last: Future[None] | None = None

    def is_idle(self) -> bool:
        return self._last is None or self._last.done()

    def submit(self, work: Callable[[], None]) -> None:
        """Start the work, unless the last one still runs."""
        if self.is_idle():
            self._last = self._pool.submit(self._run, work)

    def finish(self) -> None:
        self._pool.shutdown()

    def _run(self, work: Callable[[], None]) -> None:
        close_old_connections()
        try:
            work()
        # Nobody above a thread sees its failure; the next round tries again.
        except Exception:
            logger.exception("the sweeper's work on %s failed", self._name)
        finally:
            connection.close()


def map_in_threads(step: Callable[[T], R], subjects: Iterable[T]) -> list[R]:
    """Return the result for each subject. Each may download a picture, and one slow host must not delay the others."""

    def run(subject: T) -> R:
        try:
            return step(subject)
        finally:
            connection.close()

    with ThreadPoolExecutor(DOWNLOAD_THREADS, "download") as threads:
        return list(threads.map(run, subjects))
