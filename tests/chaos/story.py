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

from tests.canary import sources
from tests.canary.place import Place
from tests.chaos import reading
from tests.chaos.books import Books
from tests.chaos.forecast import RATE, ROUTES, UPSTREAM, forecast, shortest
from tests.chaos.options import Options
from tests.chaos.people import People, Shop
from tests.chaos.processes import Family
from tests.chaos.stage import DEADLINE, Stage
from tests.chaos.weather import Weather
from tests.eventually import eventually

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
    storm: tuple[datetime, datetime]


def seconds_of_weather(options: Options) -> float:
    """Return the seconds for all submits and for each kind of event once."""
    return max(shortest(_groups(options)), options.n / PACE)


def longest(options: Options) -> float:
    """Return the seconds after which the run stops waiting and compares the records as they are."""
    return 120 + seconds_of_weather(options) + 0.4 * options.n


def play(options: Options, seed: int, stage: Stage, say: Say) -> Outcome:
    shop: Shop = import_module("tests.chaos.naive").Textbook() if options.naive else _gallery()
    call_command("migrate", verbosity=0)
    shop.open()
    people = People(shop, seed)
    lines = Place("command lines", "processes", stage.key)
    with sources.CommandLines(lines), Family(shop.processes(stage), stage.wards) as family:
        weather = Weather(stage, family, say)
        eventually(shop.is_ready, READY_SECONDS)
        began = datetime.now(UTC)
        _storm(options, seed, people, weather)
        storm = began, datetime.now(UTC)
        _calm(shop, family, say, time.monotonic() + longest(options) - seconds_of_weather(options))
        places = [*_places(stage), lines]
    connection.close()
    books = Books(reading.provider(stage.ledger), shop.books(), reading.disk(stage.data), tuple(people.ordered))
    return Outcome(
        books, weather.past, family.restarts, people.again, reconciled=not options.naive, places=places, storm=storm
    )


def _gallery() -> Shop:
    shop: Shop = import_module("tests.chaos.gallery").Gallery()
    return shop


def _storm(options: Options, seed: int, people: People, weather: Weather) -> None:
    """Run submits and events concurrently; afterwards the provider has no faults and every server runs."""
    seconds = seconds_of_weather(options)
    events = forecast(seed, seconds, _groups(options))
    if "upstream" in options.faults:
        weather.stage.provider.storm(RATE, seed, UPSTREAM, ROUTES[options.api])
    wind = threading.Thread(target=weather.blow, args=(events,), name="wind")
    wind.start()
    try:
        people.order(options.n, seconds)
    except BaseException:
        weather.over.set()
        raise
    finally:
        wind.join()
        weather.stage.provider.calm()


def _groups(options: Options) -> set[str]:
    """Return the requested groups that exist in this run."""
    missing = ({"sweeper"} if options.naive else set()) | ({"pg"} if options.db != "pg" else set())
    return set(options.faults) - missing


def _calm(shop: Shop, family: Family, say: Say, end: float) -> None:
    """Wait until nothing is open for some seconds, nothing has moved for the shop's silence, or the time is up."""
    began = moved = time.monotonic()
    before: int | None = None
    while time.monotonic() < end and time.monotonic() - moved < (STEADY if before == 0 else shop.silence):
        time.sleep(LOOK)
        now = _waiting(shop)
        if now is not None and now != before:
            before, moved = now, time.monotonic()
    say(f"{before} left {moved - began:.1f} s after the last event ({family.restarts} restarts)")


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


def _waiting(shop: Shop) -> int | None:
    """Return the number of open rows; None when the database does not answer."""
    try:
        return shop.waiting()
    except Error:
        connection.close()
        return None
