import logging
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, close_old_connections, connection

from generations import tasks
from generations.conf import conf
from generations.pipeline import books, housekeeping, probes, reconcile, recover
from generations.pipeline.fulfil import configured_provider
from generations.providers.base import Provider
from generations.storage import files

logger = logging.getLogger(__name__)
HOUR = 3600.0
# Rounds come every few seconds; one that settles much may take longer.
LONGEST_SILENCE = 60.0


class Command(BaseCommand):
    help = "Ring for queued rows nobody rang for, settle expired leases, store orphan answers. Running two is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=5.0, help="seconds between two rounds")
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--healthcheck", action="store_true", help="only say whether a sweeper is at work here")

    def handle(self, *, every: float, once: bool, healthcheck: bool, **options: Any) -> None:
        if healthcheck:
            return self._check_sign()
        stop = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        hourly_at = 0.0
        while not stop.is_set():
            hourly = time.monotonic() >= hourly_at
            hourly_at = time.monotonic() + HOUR if hourly else hourly_at
            give_sign()
            self._round(hourly=hourly)
            give_sign()
            if once:
                self.questions.finish()
                return None
            stop.wait(every)
        return None

    @cached_property
    def questions(self) -> "Aside":
        return Aside()

    def _round(self, *, hourly: bool) -> None:
        """One pass; a database that is away now is asked again next time.

        Recovery comes first: the broker may be silent, and nothing of it needs the broker.
        """
        close_old_connections()
        provider = configured_provider()
        try:
            settled = recover.settle_expired()
            self.questions.put(lambda: ask_provider(provider, hourly=hourly))
            rung = self._ring()
            purged = self._tidy() if hourly else 0
        except (Error, OSError) as error:
            logger.error("this round of the sweeper failed, the next one tries again: %s", error)
            return
        if settled or rung or purged:
            logger.info("settled %d, rang for %d, purged %d", settled, rung, purged)

    def _ring(self) -> int:
        due = recover.due()
        rung = tasks.ring_now(due)
        recover.note_rung(rung)
        # A broker that refused one of those would refuse these as well, after as long a wait.
        if len(rung) == len(due):
            housekeeping.note_rung_thumbnails(tasks.ring_thumbnails(housekeeping.without_thumbnails()))
        return len(rung)

    def _tidy(self) -> int:
        files.sweep_parts()
        books.catch_up()
        housekeeping.forget_visits()
        return housekeeping.empty_trash()

    def _check_sign(self) -> None:
        try:
            silence = time.time() - sign_of_life().stat().st_mtime
        except FileNotFoundError:
            raise CommandError("No sweeper has run with this DATA_DIR; start one: manage.py sweeper") from None
        if silence > LONGEST_SILENCE:
            raise CommandError(f"The sweeper's last sign of life is {silence:.0f} seconds old; look at its log.")


class Aside:
    """One thread for what waits for the provider, which may be silent for minutes; the rounds go on meanwhile."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="questions")
        self._last: Future[None] | None = None

    def put(self, work: Callable[[], None]) -> None:
        """Unless the last one is still at it."""
        if self._last is None or self._last.done():
            self._last = self._pool.submit(work)

    def finish(self) -> None:
        self._pool.shutdown()


def ask_provider(provider: Provider, *, hourly: bool) -> None:
    """What may have to wait for the provider: pictures to fetch, pauses that may be over, what became of doubts."""
    close_old_connections()
    try:
        if adopted := recover.adopt(provider):
            logger.info("took up %d answers of workers that are gone", adopted)
        probes.look_after(provider)
        if hourly:
            probes.read_hourly(provider)
        if settled := reconcile.reconcile(provider):
            logger.info("settled %d doubts", settled)
    # A thread has nobody above it who would see its failure; the next round tries again.
    except Exception:
        logger.exception("asking the provider failed")
    finally:
        connection.close()


def sign_of_life() -> Path:
    return conf().data_dir / "sweeper.alive"


def give_sign() -> None:
    """A disk that cannot take it is no reason to leave orders lying."""
    try:
        sign_of_life().touch()
    except OSError as error:
        logger.error("the sweeper's sign of life cannot be written: %s", error)
