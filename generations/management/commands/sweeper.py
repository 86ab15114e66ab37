import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, close_old_connections, connection
from django.utils import timezone

from generations import ledger, tasks
from generations.conf import conf
from generations.pipeline import charges
from generations.pipeline.circuit_breaker import probes
from generations.pipeline.reconciliation import estimates, resolve_unknown
from generations.pipeline.reconciliation.balance.check import check_hourly
from generations.pipeline.recovery import housekeeping, recover
from generations.pipeline.worker.fulfil import configured_provider
from generations.providers.base import Provider
from generations.services.activity import digests
from generations.services.provider import balance_alerts
from generations.services.site import mode, rate_limits
from generations.services.spending import limit_alerts, price_alerts, report_emails
from generations.storage import files

logger = logging.getLogger(__name__)
HOUR, MINUTE = 3600.0, 60.0
# Rounds come every few seconds; one that settles much may take longer.
LONGEST_SILENCE = 60.0
# Pictures that are fetched at the same time.
AT_ONCE = 4
T = TypeVar("T")
R = TypeVar("R")


class Command(BaseCommand):
    help = "Ring for queued rows nobody rang for, settle expired leases, store orphan answers. Running two is harmless."
    tidy_at = 0.0

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
        while not stop.is_set():
            give_sign()
            self._round()
            give_sign()
            if once:
                for aside in (self.answers, self.pauses, self.doubts, self.letters, self.agreement, self.limits):
                    aside.finish()
                return None
            stop.wait(every)
        return None

    @cached_property
    def start(self) -> "Start":
        return Start()

    @cached_property
    def answers(self) -> "Aside":
        return Aside("answers")

    @cached_property
    def pauses(self) -> "Aside":
        return Aside("pauses")

    @cached_property
    def doubts(self) -> "Aside":
        return Aside("doubts")

    @cached_property
    def letters(self) -> "Aside":
        return Aside("letters")

    @cached_property
    def agreement(self) -> "Aside":
        return Aside("agreement")

    @cached_property
    def limits(self) -> "Aside":
        return Aside("limits")

    @cached_property
    def watch(self) -> "LimitWatch":
        return LimitWatch()

    @cached_property
    def digests(self) -> "HourlyDigests":
        return HourlyDigests()

    @cached_property
    def reading(self) -> "HourlyReading":
        return HourlyReading()

    def _round(self) -> None:
        """One pass; a database that is away now is asked again next time.

        Recovery comes first: the broker may be silent, and nothing of it needs the broker.
        """
        close_old_connections()
        provider = configured_provider()
        try:
            self.start.follow_mode_once()
            settled = recover.settle_expired()
            self.answers.put(partial(take_up, provider))
            self.pauses.put(partial(look_after_pauses, provider, self.reading))
            self.doubts.put(partial(settle_doubts, provider))
            self.letters.put(self.digests.send)
            self.agreement.put(partial(compare_hourly, provider))
            self.limits.put(self.watch.look)
            rung = self._ring()
            purged = self._tidy() if time.monotonic() >= self.tidy_at else 0
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
        """Every hour; what fails is owed until it was done."""
        files.sweep_parts()
        charges.catch_up()
        ledger.roll_up()
        price_alerts.watch()
        housekeeping.forget_visits()
        housekeeping.forget_requests()
        housekeeping.forget_notifications()
        rate_limits.forget_uses()
        housekeeping.forget_sessions()
        purged = housekeeping.empty_trash()
        self.tidy_at = time.monotonic() + HOUR
        return purged

    def _check_sign(self) -> None:
        try:
            silence = time.time() - sign_of_life().stat().st_mtime
        except FileNotFoundError:
            raise CommandError("No sweeper has run with this DATA_DIR; start one: manage.py sweeper") from None
        if silence > LONGEST_SILENCE:
            raise CommandError(f"The sweeper's last sign of life is {silence:.0f} seconds old; look at its log.")


class Start:
    """What the web server does as well when it starts; here it is owed while the database is away."""

    owed = True

    def follow_mode_once(self) -> None:
        if self.owed:
            mode.follow()
            self.owed = False


class Aside:
    """A thread for what waits for others, who may be silent for minutes; the rounds go on meanwhile."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._last: Future[None] | None = None

    def put(self, work: Callable[[], None]) -> None:
        """Unless the last one is still at it."""
        if self._last is None or self._last.done():
            self._last = self._pool.submit(self._do, work)

    def finish(self) -> None:
        self._pool.shutdown()

    def _do(self, work: Callable[[], None]) -> None:
        close_old_connections()
        try:
            work()
        # A thread has nobody above it who would see its failure; the next round tries again.
        except Exception:
            logger.exception("looking after the %s failed", self._name)
        finally:
            connection.close()


def some_at_once(step: Callable[[T], R], subjects: Iterable[T]) -> list[R]:
    """Each may have to fetch a picture, and a host that is slow for one is not slow for all."""

    def alone(subject: T) -> R:
        try:
            return step(subject)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE, "fetching") as threads:
        return list(threads.map(alone, subjects))


def take_up(provider: Provider) -> None:
    if adopted := recover.adopt(provider, some_at_once):
        logger.info("worked on %d answers in the spool", adopted)


class HourlyReading:
    """Of the balance. A provider that does not answer is asked again as seldom as for a pause."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def take(self, provider: Provider) -> None:
        if time.monotonic() >= self._again_at and not probes.read_hourly(provider):
            self._again_at = time.monotonic() + conf().probe_seconds


class HourlyDigests:
    """Aside, for a mail server may be silent; owed until a round of them came to its end."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def send(self) -> None:
        if time.monotonic() < self._again_at:
            return
        if balance_alerts.watch():
            logger.info("told the administrators how long the balance lasts")
        if sent := digests.send_due():
            logger.info("mailed %d digests", sent)
        if sent := report_emails.send_due():
            logger.info("mailed %d letters about what was spent", sent)
        self._again_at = time.monotonic() + HOUR


class LimitWatch:
    """Once a minute, and of teams whose ledger has moved since the last look that came to its end; all of them once an
    hour. Letters are owed until they went.
    """

    def __init__(self) -> None:
        self._again_at = self._all_again_at = 0.0
        self._since: datetime | None = None

    def look(self) -> None:
        started, now = timezone.now(), time.monotonic()
        if now < self._again_at:
            return
        rate_limits.tell_of_many_mails()
        whole = now >= self._all_again_at
        if told := limit_alerts.watch(None if whole else self._since):
            logger.info("told of %d limits", told)
        if sent := limit_alerts.send_due():
            logger.info("mailed %d letters about limits", sent)
        self._since, self._again_at = started, now + MINUTE
        self._all_again_at = now + HOUR if whole else self._all_again_at


def look_after_pauses(provider: Provider, reading: HourlyReading) -> None:
    probes.look_after(provider)
    reading.take(provider)


def compare_hourly(provider: Provider) -> None:
    """Of the readings there are; the history is asked, and may be slow."""
    if run := check_hourly(provider):
        logger.info("the provider's figures were compared: %s", run.verdict)


def settle_doubts(provider: Provider) -> None:
    if settled := resolve_unknown.reconcile(provider, some_at_once):
        logger.info("settled %d doubts", settled)
    if corrected := estimates.correct(provider):
        logger.info("corrected %d estimates", corrected)


def sign_of_life() -> Path:
    return conf().data_dir / "sweeper.alive"


def give_sign() -> None:
    """A disk that cannot take it is no reason to leave orders lying."""
    try:
        sign_of_life().touch()
    except OSError as error:
        logger.error("the sweeper's sign of life cannot be written: %s", error)
