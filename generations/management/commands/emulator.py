"""`manage.py emulator`: Segmind's HTTP on this machine, for trying the gallery without a key."""

import json
import signal
import threading
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.conf import conf
from generations.emulator import Emulator
from generations.emulator.faults.script import RandomFaults, parse_random_faults
from generations.schema import load


class Command(BaseCommand):
    help = "Emulate Segmind's API locally with placeholder pictures; prints its URL, stops on Ctrl-C or SIGTERM."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
        parser.add_argument("--speed-up", type=float, default=1.0, help="divides every wait")
        parser.add_argument("--rpm", type=int, default=60, help="requests a minute before it answers 429")
        parser.add_argument("--balance", default="25", help="US dollars, for a ledger that holds none yet")
        parser.add_argument("--ledger", type=Path, help="file that keeps the provider's ledger over a restart")
        parser.add_argument("--random-faults", help='of paid calls: {"rate": 0.2, "seed": 7, "faults": ["429"]}')
        parser.add_argument("--drawing", choices=("full", "plain"), default="full", help="plain draws ten times faster")
        parser.add_argument("--allow-production", action="store_true", help="start although DJANGO_DEBUG is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if not conf().debug and not options["allow_production"]:
            raise CommandError(
                "The emulator only makes placeholder pictures, and DJANGO_DEBUG is off. "
                "Set SEGMIND_API_KEY to use Segmind, or add --allow-production if you mean it."
            )
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        emulator = _emulator(**options)
        try:
            emulator.start()
        except OSError as error:
            raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {error.strerror}.") from error
        self.stdout.write(f"Segmind emulator listening on {emulator.url}")
        self.stdout.flush()
        stop.wait()
        emulator.stop()


def _emulator(
    *, host: str, port: int, speed_up: float, rpm: int, balance: str, ledger: Path | None, drawing: str,
    random_faults: str | None, **_: object,
) -> Emulator:  # fmt: skip
    try:
        credits = Decimal(balance)
    except InvalidOperation:
        raise CommandError(f"--balance is {balance!r}; give US dollars such as 25.00.") from None
    if not speed_up > 0:
        raise CommandError(f"--speed-up is {speed_up}; give a number above 0.")
    emulator = Emulator(load(), host=host, port=port, speed_up=speed_up, balance=credits, rpm=rpm, ledger=ledger)
    emulator.control.behaviour.change({"drawing": drawing})
    if random_faults:
        emulator.control.script.random_faults = _random_faults(random_faults)
    return emulator


def _random_faults(text: str) -> RandomFaults:
    try:
        return parse_random_faults(json.loads(text))
    except json.JSONDecodeError as error:
        raise CommandError(f"--random-faults is {text!r}, which isn't JSON: {error}.") from None
    except ValueError as error:
        raise CommandError(f"--random-faults: {error}") from None
