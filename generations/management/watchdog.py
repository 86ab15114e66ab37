"""A worker that takes nothing while orders wait ends itself, and its supervisor starts it again.

After a broker's restart Celery has been seen connected, answering pings, and deaf to its queues. From outside such a
worker looks idle; from inside it can be told, because orders that were rung for stay unclaimed. Celery loads this
module with the tasks (`hidream_site/celery.py`).
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
from celery.signals import task_postrun, task_prerun, worker_ready
from django.db import Error, connection

from generations import limiter
from generations.conf import conf
from generations.pipeline.circuit_breaker.pauses import open_pauses
from generations.pipeline.liveness import is_starving

# Longer than the sweeper's pause between two rings: an order that is taken and declined, again and again, is no sign.
IDLE_SECONDS = 75.0
LOOK_SECONDS = 10.0
WARM_SECONDS = 30.0
STUCK = 70  # sysexits.h: an internal error
logger = logging.getLogger(__name__)


class Occupation:
    """The tasks that run in this process, and since when it has had none."""

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
        """0 while a task runs."""
        with self._lock:
            return 0.0 if self._running else time.monotonic() - self._since

    def exit_when_free(self, code: int) -> None:
        """Ends the process at once, or returns because a task runs; under the lock, so that none begins meanwhile."""
        with self._lock:
            if not self._running:
                os._exit(code)


class Watchdog(threading.Thread):
    """Looks every `every` seconds; `warm` is how long SIGTERM may take before the process is ended from inside."""

    def __init__(
        self,
        occupation: Occupation,
        *,
        starving: Callable[[float], bool],
        excused: Callable[[], bool],
        idle: float,
        every: float,
        warm: float,
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self.occupation = occupation
        self.starving, self.excused = starving, excused
        self.idle, self.every, self.warm = idle, every, warm

    def run(self) -> None:
        while not self._sees_a_deaf_worker():
            time.sleep(self.every)
        idle = self.occupation.idle_seconds()
        logger.error("this worker has taken nothing for %.0f s while orders wait; it ends, to be started again", idle)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self.warm)
        logger.error("SIGTERM has not ended this worker in %.0f s; it exits without Celery's leave", self.warm)
        while True:
            self.occupation.exit_when_free(STUCK)
            time.sleep(1)

    def _sees_a_deaf_worker(self) -> bool:
        """The cheap question first; the last one again, since the others take their time."""
        return self._is_idle() and self.starving(self.idle) and not self.excused() and self._is_idle()

    def _is_idle(self) -> bool:
        return self.occupation.idle_seconds() >= self.idle


def orders_starve(idle_seconds: float) -> bool:
    """A database that does not answer is no sign: another worker would see no more of it."""
    try:
        return is_starving(idle_seconds)
    except Error as error:
        logger.warning("the watchdog cannot ask the database: %s", error)
        return False
    finally:
        connection.close()


def is_excused() -> bool:
    """Whether orders wait for a reason that a new worker would not change."""
    return limiter.blocked_until() is not None or _is_paused() or not _broker_answers()


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


occupation = Occupation()
task_prerun.connect(occupation.begin, weak=False)
task_postrun.connect(occupation.end, weak=False)


@worker_ready.connect
def watch(sender: Any, **signal: Any) -> None:
    """In a pool of processes this one would see no task, and take every minute for an idle one."""
    if not isinstance(sender.pool, TaskPool):
        logger.warning("no watchdog: it needs --pool threads, and this worker's is %s", type(sender.pool).__module__)
        return
    Watchdog(
        occupation,
        starving=orders_starve,
        excused=is_excused,
        idle=IDLE_SECONDS,
        every=LOOK_SECONDS,
        warm=WARM_SECONDS,
    ).start()
