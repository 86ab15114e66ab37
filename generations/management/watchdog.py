"""A worker that claims nothing while generations wait stops itself, and its supervisor starts it again.

After a restart of the broker, Celery has been seen connected and answering pings while it consumed nothing from its
queues. From outside such a worker looks idle; from inside it can be noticed, because enqueued generations stay
unclaimed. Celery loads this module with the tasks (`hidream_site/celery.py`).
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
from celery.concurrency.thread import TaskPool
from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutting_down
from django.db import Error, connection

from generations import limiter
from generations.conf import conf
from generations.pipeline.circuit_breaker.pauses import open_pauses
from generations.pipeline.worker import serve
from generations.queries.orders.queue_age import is_starving

# Longer than the sweeper waits before it enqueues again: a generation that is claimed and released again and again
# does not count.
IDLE_SECONDS = 75.0
CHECK_SECONDS = 10.0
WARM_SHUTDOWN_SECONDS = 30.0
EXIT_CODE = 70  # sysexits.h: an internal error
logger = logging.getLogger(__name__)


class RunningTasks:
    """The number of tasks that run in this process, and since when there is none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._since = time.monotonic()

    def begin(self, **signal: Any) -> None:
        self._change(1)

    def end(self, **signal: Any) -> None:
        self._change(-1)

    def _change(self, by: int) -> None:
        with self._lock:
            self._running += by
            self._since = time.monotonic()

    def idle_seconds(self) -> float:
        """Return for how long no task has run; 0 while one runs."""
        with self._lock:
            return 0.0 if self._running else time.monotonic() - self._since

    def exit_when_idle(self, code: int) -> None:
        """End the process at once, or return because a task runs; the lock keeps one from starting meanwhile."""
        with self._lock:
            if not self._running:
                os._exit(code)


class Watchdog(threading.Thread):
    """Checks every `every` seconds; `warm` is how long SIGTERM may take before the process exits from inside."""

    def __init__(
        self,
        running_tasks: RunningTasks,
        *,
        has_work: Callable[[float], bool],
        is_expected: Callable[[], bool],
        idle: float,
        every: float,
        warm: float,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self.running_tasks = running_tasks
        self.has_work, self.is_expected = has_work, is_expected
        self.idle, self.every, self.warm = idle, every, warm

    def run(self) -> None:
        while not self._is_stuck():
            time.sleep(self.every)
        idle = self.running_tasks.idle_seconds()
        logger.error(
            "this worker has claimed nothing for %.0f s while generations wait; it stops, to be started again", idle
        )
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self.warm)
        logger.error("SIGTERM has not stopped this worker in %.0f s; it exits without waiting for Celery", self.warm)
        while True:
            self.running_tasks.exit_when_idle(EXIT_CODE)
            time.sleep(1)

    def _is_stuck(self) -> bool:
        """Return whether to stop: the cheap question comes first, and again at the end because the others take time."""
        return self._is_idle() and self.has_work(self.idle) and not self.is_expected() and self._is_idle()

    def _is_idle(self) -> bool:
        return self.running_tasks.idle_seconds() >= self.idle


def has_unclaimed_generations(idle_seconds: float) -> bool:
    """Return whether generations wait for a worker; False while the database is away, which restarting cannot mend."""
    try:
        return is_starving(idle_seconds)
    except Error as error:
        logger.warning("the watchdog cannot ask the database: %s", error)
        return False
    finally:
        connection.close()


def is_waiting_expected() -> bool:
    """Return whether generations wait for a reason that a new worker would not change."""
    return limiter.room() <= 0 or _is_paused() or not _broker_answers()


def _is_paused() -> bool:
    try:
        return bool(open_pauses())
    except Error:
        return True
    finally:
        connection.close()


def _broker_answers() -> bool:
    try:
        with redis.Redis.from_url(conf().redis_url, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError as error:
        logger.warning("the watchdog cannot reach the broker: %s", error)
        return False


running_tasks = RunningTasks()
task_prerun.connect(running_tasks.begin, weak=False)
task_postrun.connect(running_tasks.end, weak=False)


@worker_shutting_down.connect
def stop_waiting(**signal: Any) -> None:
    """Let the thread that waits for the rate limit go, or the worker would wait for it."""
    serve.stopping.set()


@worker_ready.connect
def watch(sender: Any, **signal: Any) -> None:
    """Start the watchdog; only with threads, because with a pool of processes this one sees no task."""
    if not isinstance(sender.pool, TaskPool):
        logger.warning("no watchdog: it needs --pool threads, and this worker's is %s", type(sender.pool).__module__)
        return
    Watchdog(
        running_tasks,
        has_work=has_unclaimed_generations,
        is_expected=is_waiting_expected,
        idle=IDLE_SECONDS,
        every=CHECK_SECONDS,
        warm=WARM_SHUTDOWN_SECONDS,
    ).start()
