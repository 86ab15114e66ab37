"""The environment of the state machine: real pipeline and services, the emulator over HTTP, a movable clock.

A worker's death is an exception that no code catches, raised in this process at the places of
`tests.faults.crash_points`; transactions are rolled back as a database does when a connection is lost.
"""

import contextlib
import functools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.test import override_settings

from generations.conf import conf
from generations.emulator import Emulator
from generations.emulator.account import ProviderEntry
from generations.emulator.job import JobStore
from generations.models import Attempt, AttemptState, BalanceReading, Generation, ProviderPause
from generations.pipeline.worker.fulfil import configured_provider
from generations.providers import provider_for, segmind_v2
from generations.providers.base import Answer, Balance, ImageRequest, PastCall, Provider, ignore_event
from generations.schema import load
from tests.eventually import eventually
from tests.faults.crash_points import CRASH_POINTS
from tests.key import KEYS
from tests.places import found

TIMEOUT = 0.25
# Places where a worker may die: module and function, and whether it runs first.
SPOOLED = "generations.storage.spool:write"
PLACES = [(point.at, point.after) for point in CRASH_POINTS] + [
    ("os:fsync", True),
    ("generations.storage.files:save", False),
]
CALL = "generations.providers.transport:_Connection.getresponse"
MOMENTS: list[tuple[Any, list[str]]] = [
    (Generation, ["lease_until", "available_at", "queued_at", "enqueued_at", "finished_at", "deleted_at"]),
    (Attempt, ["sent_at", "answered_at", "finished_at", "last_lookup_at", "next_lookup_at", "next_download_at"]),
    (ProviderPause, ["started_at", "ended_at", "probe_at"]),
    (BalanceReading, ["read_at"]),
]


class Crash(BaseException):
    """The death of the worker at this point."""


@dataclass(frozen=True)
class Outcome:
    """What a paid call meets: a fault of the emulator, or a refused connection."""

    name: str
    fault: str = ""
    on: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    unheard: bool = False


def _each(*names: str, **options: Any) -> list[Outcome]:
    tail = "".join(f" {key}={value}" for key, value in options.items())
    return [Outcome(name + tail, name, options=options) for name in names]


GOOD = Outcome("drawn")
OUTCOMES = [
    *[GOOD] * 12,
    Outcome("nobody listens", unheard=True),
    *_each("400", "422", "404", "410", "405", "406-value", "406-content-type", "redirect"),
    *_each("401", "402", "403", "406-credits", "406-spend-limit"),
    *_each("429", "429-no-header", "500", "500-empty", "500-traceback"),
    *_each("502", "503", "504", "polling-error"),
    *_each("502", "504", "polling-error", charge=True),
    *_each("502", "504", listed=False),
    *_each("drop", "hang", "drop", charge=False),
    *_each("drop", "hang", "cut", "drip", "drop"),
    *_each("html", "empty", "truncated", "json-error", "black", "wrong-type", "no-headers", "bad-headers"),
    *_each("json-base64", "json-url"),
]  # fmt: skip
OUTCOMES_V2 = [
    *[GOOD] * 12,
    Outcome("nobody listens", unheard=True),
    *_each("400", "422", "404", "410", "405", "406-value", "redirect", "no-request-id", "failed", "endless"),
    *_each("401", "402", "406-credits", "406-spend-limit", "429", "500", "502", "504", "drop", "hang", "cut"),
    *_each("502", "504", "drop", charge=True),
    *_each("502", "504", listed=False),
    *[Outcome(f"{name} at a poll", name, on) for on in ("status", "result")
      for name in ("500", "429", "drop", "cut", "404-request", "still-processing", "no-metrics", "html")],
    *[Outcome(f"{name} in the result", name, "result") for name in ("no-output", "other-output", "bad-metrics")],
    *[Outcome(f"{name} in place of the file", name, "files") for name in ("404", "500", "html", "truncated", "drop")],
]  # fmt: skip


@dataclass
class Interrupted:
    """A provider; `before` runs before the call arrives, `after` when it was answered."""

    provider: Provider
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None
    # Seeds of the calls that returned an answer.
    answered: list[int] = field(default_factory=list)

    def call(self, request: ImageRequest, accepted: Callable[[str], None] = ignore_event) -> Answer:
        self.before()
        try:
            answer = self.provider.call(request, accepted)
        finally:
            self.after()
        self.answered.append(int(str(request.body["seed"])))
        return answer

    def resume(self, request_id: str, patience: float = float("inf")) -> Answer:
        return self.provider.resume(request_id, patience)

    def past(self, since: Any, until: Any) -> list[PastCall]:
        return self.provider.past(since, until)

    def picture(self, answer: Answer) -> bytes:
        return self.provider.picture(answer)

    def must_download(self, answer: Answer) -> bool:
        return self.provider.must_download(answer)

    def balance(self) -> Balance:
        return self.provider.balance()


@dataclass
class Remembering(Interrupted):
    """A provider whose history has the time of the story, in which the past is further back than by its own clock.

    `received` has the moment of each call by its request id, because the history rounds to seconds, and a story takes
    few.
    """

    steps: list[tuple[datetime, timedelta]] = field(default_factory=list)
    received: Callable[[], dict[str, datetime]] = dict

    def past(self, since: Any, until: Any) -> list[PastCall]:
        rows, received = self.provider.past(since, datetime.now(UTC)), self.received()
        return [replace(row, at=self._in_the_story(received.get(row.request_id))) for row in rows]

    def _in_the_story(self, at: datetime | None) -> datetime | None:
        return at and at - sum((step for moment, step in self.steps if moment > at), timedelta())


class World:
    """One database and one provider; `begin` and `end` enclose each story, which leaves nothing behind."""

    def __init__(self, emulator: Emulator, folder: Path, version: str) -> None:
        self.emulator = emulator
        self.folder = folder
        self.version = version

    def begin(self) -> None:
        self._story = transaction.atomic()
        self._story.__enter__()
        self.emulator.control.clear()
        self.emulator.provider.jobs = JobStore()
        self._seen = len(self.emulator.control.ledger)
        self.steps: list[tuple[datetime, timedelta]] = []

    def end(self) -> None:
        transaction.set_rollback(True)
        self._story.__exit__(None, None, None)
        for entry in self.folder.iterdir():
            shutil.rmtree(entry)

    def books(self) -> list[ProviderEntry]:
        """Return the provider's ledger of this story, after every call in it has ended."""

        def settled() -> bool:
            entries = self.emulator.control.ledger[self._seen :]
            received = {entry.request_id for entry in entries if entry.kind == "RECEIVED"}
            ended = {entry.request_id for entry in entries if entry.kind in {"CHARGED", "REFUSED"}}
            return received <= ended

        eventually(settled)
        return self.emulator.control.ledger[self._seen :]

    def provider(self, outcome: Outcome = GOOD) -> Provider:
        """Return the configured provider with this outcome for its next call."""
        self.emulator.control.clear()
        if outcome.unheard:
            return provider_for(replace(conf(), base_url="http://127.0.0.1:1", history_url=self.emulator.url))
        if outcome.fault:
            on: Any = outcome.on or self.version
            self.emulator.control.fault(outcome.fault, on=on, **outcome.options)
        return self.provider_as_it_is()

    def provider_as_it_is(self) -> Provider:
        """Return the provider for actions during another call, whose outcome is still to come."""
        return Remembering(configured_provider(), steps=self.steps, received=self._received)

    @contextlib.contextmanager
    def longer_timeouts(self, factor: float) -> Iterator[None]:
        """Wait longer for each answer within the block, because a crowded machine answers late."""
        with override_settings(SEGMIND_TIMEOUT=TIMEOUT * factor):
            yield

    def _received(self) -> dict[str, datetime]:
        entries = self.emulator.control.ledger[self._seen :]
        return {one.request_id: datetime.fromtimestamp(one.at, UTC) for one in entries if one.kind == "RECEIVED"}

    @contextlib.contextmanager
    def dying(self, place: tuple[str, bool] | None) -> Iterator[list[str]]:
        """Let the code die at this place within the block; the block ends normally and its list names the place."""
        deaths: list[str] = []
        if place is None:
            yield deaths
            return
        at, after = place
        owner, name = found(at)
        original = getattr(owner, name)

        @functools.wraps(original)
        def deadly(*args: Any, **options: Any) -> None:
            if after:
                original(*args, **options)
            deaths.append(at)
            raise Crash(at)

        setattr(owner, name, deadly)
        try:
            yield deaths
        except Crash:
            self._wait_for_the_order(deaths)
        finally:
            setattr(owner, name, original)

    def _wait_for_the_order(self, deaths: list[str]) -> None:
        """Wait until the provider has received the call of a worker that died while it waited."""
        newest = Attempt.objects.filter(state=AttemptState.SENT).order_by("id").last()
        if deaths == [CALL] and newest is not None:
            eventually(lambda: any(entry.seed == newest.seed for entry in self.emulator.control.ledger[self._seen :]))

    def advance(self, seconds: float) -> None:
        """Move every timestamp back by this time."""
        step = timedelta(seconds=seconds)
        self.steps.append((datetime.now(UTC), step))
        for model, names in MOMENTS:
            model.objects.update(**{name: F(name) - step for name in names})
        for part in self.folder.rglob("*.part"):
            moment = time.time() - seconds - 1
            os.utime(part, (moment, moment))


@contextlib.contextmanager
def world(version: str = "v1") -> Iterator[World]:
    """Provide a world; needs an empty database.

    Polls do not wait, and hanging calls end within a fraction of a second.
    """
    with contextlib.ExitStack() as stack:
        # In memory where possible, because thousands of answers are written and read.
        memory = Path("/dev/shm")
        folder = Path(tempfile.mkdtemp(prefix="hidream-stateful-", dir=memory if memory.is_dir() else None))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        emulator = stack.enter_context(
            Emulator(load(), keys=KEYS, speed_up=10_000, rpm=1_000_000, balance=Decimal(1_000_000))
        )
        emulator.control.update({"drawing": "tiny"})
        stack.enter_context(
            override_settings(
                SEGMIND_BASE_URL=emulator.url, SEGMIND_HISTORY_URL="", SEGMIND_API_VERSION=version,
                SEGMIND_TIMEOUT=TIMEOUT, DATA_DIR=folder, EMULATED=True,
            )
        )  # fmt: skip
        pause = segmind_v2.FIRST_PAUSE
        segmind_v2.FIRST_PAUSE = 0.005
        stack.callback(setattr, segmind_v2, "FIRST_PAUSE", pause)
        yield World(emulator, folder, version)
