"""`manage.py sweeper`: rounds every few seconds, until SIGTERM or Ctrl-C."""

import logging
import signal
import threading
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.conf import conf
from generations.management.sweeper.rounds import Sweeper

logger = logging.getLogger(__name__)
# Rounds come every few seconds; one that settles much may take longer.
MAX_HEARTBEAT_AGE_SECONDS = 60.0


class Command(BaseCommand):
    help = (
        "Enqueue due generations that nobody enqueued, settle expired leases, store orphaned answers. Running two "
        "is harmless."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, default=5.0, help="seconds between two rounds")
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--healthcheck", action="store_true", help="only report whether a sweeper is running here")

    def handle(self, *, every: float, once: bool, healthcheck: bool, **options: Any) -> None:
        if healthcheck:
            self._check_heartbeat()
            return
        stop = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        sweeper = Sweeper()
        while not stop.is_set():
            touch_heartbeat()
            sweeper.round()
            touch_heartbeat()
            if once:
                sweeper.finish()
                return
            stop.wait(every)

    def _check_heartbeat(self) -> None:
        try:
            age = time.time() - heartbeat_path().stat().st_mtime
        except FileNotFoundError:
            raise CommandError("No sweeper has run with this DATA_DIR; start one: manage.py sweeper") from None
        if age > MAX_HEARTBEAT_AGE_SECONDS:
            raise CommandError(f"The sweeper's last heartbeat is {age:.0f} seconds old; look at its log.")


def heartbeat_path() -> Path:
    return conf().data_dir / "sweeper.alive"


def touch_heartbeat() -> None:
    """Record that the sweeper runs. A disk that cannot be written is no reason to leave generations waiting."""
    try:
        heartbeat_path().touch()
    except OSError as error:
        logger.error("the sweeper's heartbeat cannot be written: %s", error)
