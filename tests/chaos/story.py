"""One run from the first submit to the last check. Imported after django.setup()."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module

from django.core.management import call_command
from django.db import Error, connection

from tests.chaos.checks import reading
from tests.chaos.checks.books import Books
from tests.chaos.faults.injection import FaultInjector
from tests.chaos.faults.schedule import RATE, ROUTES, UPSTREAM, schedule, shortest
from tests.chaos.options import Options
from tests.chaos.progress import listed, progress
from tests.chaos.site.people import People, Shop
from tests.chaos.site.processes import Family
from tests.chaos.site.stage import DEADLINE, Stage
from tests.eventually import eventually
from tests.secret_scan import sources
from tests.secret_scan.place import Place

PACE = 12.0  # submits a second
# A call of a generation that was given up ends within its deadline, and then something moves again.
STEADY = DEADLINE + 2.0
LOOK = 0.5
READY_SECONDS = 60
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """The result of a run; `past` has each event, in seconds after the first submit."""

    books: Books
    past: list[tuple[float, str]]
    restarts: int
    again: int
    reconciled: bool
    places: list[Place]
    period: tuple[datetime, datetime]


def seconds_of_faults(options: Options) -> float:
    """Return the seconds for all submits and for each kind of event once."""
    return max(shortest(_groups(options)), options.n / PACE)


def longest(options: Options) -> float:
    """Return the seconds after which the run stops waiting and compares the records as they are."""
    return 120 + seconds_of_faults(options) + 0.4 * options.n


def play(options: Options, seed: int, stage: Stage, say: Say) -> Outcome:
    shop: Shop = import_module("tests.chaos.site.naive").Textbook() if options.naive else _gallery()
    progress.waits_for = "the migration of the database"
    call_command("migrate", verbosity=0)
    shop.open()
    people = People(shop, seed)
    lines = Place("command lines", "processes", stage.key)
    with sources.CommandLines(lines), Family(shop.processes(stage), stage.wards) as family:
        injector = FaultInjector(stage, family, say)
        _wait_until_ready(shop, family)
        began = datetime.now(UTC)
        progress.waits_for = "submits and faults to be over"
        _run_with_faults(options, seed, people, injector)
        period = began, datetime.now(UTC)
        progress.waits_for = "open orders to end"
        _settle(shop, family, say, time.monotonic() + longest(options) - seconds_of_faults(options))
        progress.waits_for = "the search for the key"
        places = [*_places(stage), lines]
    connection.close()
    books = Books(reading.provider(stage.ledger), shop.books(), reading.disk(stage.data), tuple(people.ordered))
    return Outcome(
        books, injector.past, family.restarts, people.again, reconciled=not options.naive, places=places, period=period
    )


def _wait_until_ready(shop: Shop, family: Family) -> None:
    """Raise TimeUp when nothing works after READY_SECONDS."""
    progress.waits_for = f"the processes of the site to work within {READY_SECONDS} s"
    try:
        eventually(shop.is_ready, READY_SECONDS)
    except AssertionError:
        raise progress.given_up(family.standing()) from None


def _gallery() -> Shop:
    shop: Shop = import_module("tests.chaos.site.gallery").Gallery()
    return shop


def _run_with_faults(options: Options, seed: int, people: People, injector: FaultInjector) -> None:
    """Run submits and events concurrently; afterwards the provider has no faults and every server runs."""
    seconds = seconds_of_faults(options)
    events = schedule(seed, seconds, _groups(options))
    if "upstream" in options.faults:
        injector.stage.provider.set_random_faults(RATE, seed, UPSTREAM, ROUTES[options.api])
    faults = threading.Thread(target=injector.run, args=(events,), name="faults")
    faults.start()
    try:
        people.order(options.n, seconds)
    except BaseException:
        injector.over.set()
        raise
    finally:
        faults.join()
        injector.stage.provider.clear_faults()


def _groups(options: Options) -> set[str]:
    """Return the requested groups that exist in this run."""
    missing = ({"sweeper"} if options.naive else set()) | ({"pg"} if options.db != "pg" else set())
    return set(options.faults) - missing


def _settle(shop: Shop, family: Family, say: Say, end: float) -> None:
    """Wait until nothing is open for some seconds, nothing has moved for the shop's silence, or the time is up."""
    began = moved = time.monotonic()
    before: dict[str, int] | None = None
    while time.monotonic() < end and time.monotonic() - moved < (STEADY if _is_over(before) else shop.silence):
        time.sleep(LOOK)
        now = _waiting(shop)
        if now is not None and now != before:
            before, moved = now, time.monotonic()
    if not _is_over(before):
        reason = "the time is up" if time.monotonic() >= end else f"nothing has moved for {shop.silence:.0f} s"
        things = "the database, which does not answer" if before is None else listed(before)
        say(f"given up waiting, because {reason}, for {things}; {family.standing()}")
    left = sum((before or {}).values())
    say(f"{left} left {moved - began:.1f} s after the last event ({family.restarts} restarts)")


def _is_over(waiting: dict[str, int] | None) -> bool:
    return waiting is not None and not any(waiting.values())


def _places(stage: Stage) -> list[Place]:
    """Search every place for the key while all servers still run."""
    place = partial(Place, key=stage.key)
    logs, data, base = place("logs", "files"), place("data", "files"), place("database dump", "lines")
    sources.files(logs, [stage.logs])
    sources.files(data, [stage.data, *([stage.database.directory] if stage.database else [])])
    if stage.database:
        sources.postgres(base, stage.database)
    else:
        sources.sqlite(base, stage.data / "gallery.sqlite3")
    queues = place("Redis dump", "keys")
    with stage.broker.client() as client:
        sources.broker(queues, client)
    return [logs, data, base, queues]


def _waiting(shop: Shop) -> dict[str, int] | None:
    """Return the numbers of what is open; None when the database does not answer."""
    try:
        return shop.waiting()
    except Error:
        connection.close()
        return None
