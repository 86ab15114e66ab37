"""The vendor behind the HTTP: who may call, what it costs, and the picture."""

import os
import secrets
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import Message
from pathlib import Path
from threading import Event

from generations.emulator.account.account import Account
from generations.emulator.account.books import Books
from generations.emulator.faults.job import Stopped
from generations.emulator.faults.script import Script
from generations.emulator.jobs.render import encode, paint
from generations.emulator.jobs.run import Run
from generations.emulator.jobs.runs import Runs, restored
from generations.emulator.jobs.schedule import Schedule
from generations.emulator.jobs.shelf import Shelf
from generations.emulator.state.behaviour import Behaviour
from generations.schema import ParameterSchema

JOURNAL = 10_000
KEY_HEADER = "x-api-key"


@dataclass(frozen=True)
class Request:
    """One request as it came: what the journal keeps. The key is not kept, only whether one came."""

    at: float
    method: str
    path: str
    request_id: str
    headers: Mapping[str, str]
    body: bytes
    fault: str = ""
    keyed: bool = False


@dataclass
class Vendor:
    """State that all calls share. `url` is known once the server listens."""

    schemas: Mapping[str, ParameterSchema]
    keys: frozenset[str]
    behaviour: Behaviour
    balance: Decimal
    ledger: Path | None
    url: str = ""
    script: Script = field(default_factory=Script)
    stopping: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.books = Books(self.ledger)
        self.account = Account(self.balance, self.books, self.now)
        self.journal: deque[Request] = deque(maxlen=JOURNAL)
        self.published = Shelf()
        # Of the runs of v2; what falls off is drawn again when somebody asks for it.
        self._drawn = Shelf()
        self.runs = Runs()
        for run in restored(self.books.entries, self.schemas, self.behaviour.queue_seconds):
            self.runs.add(run)
        self.schedule = Schedule()
        # Drawing is the only work here that needs a processor and memory: a few threads do it for all who wait.
        self._easels = ThreadPoolExecutor(os.cpu_count() or 1, "easel")

    def now(self) -> float:
        return time.time() + self.behaviour.clock_offset

    def model(self, slug: str) -> ParameterSchema | None:
        return next((schema for schema in self.schemas.values() if schema.slug == slug), None)

    def wait(self, seconds: float) -> None:
        """Undivided seconds; raises Stopped."""
        self.sleep(seconds / self.behaviour.speed_up)

    def sleep(self, seconds: float) -> None:
        if self.stopping.wait(max(seconds, 0)):
            raise Stopped

    def draw(self, run: Run) -> bytes:
        """Image bytes, when an easel is free; raises Stopped."""
        try:
            return self._easels.submit(self._paint, run).result()
        except (CancelledError, RuntimeError) as error:
            # RuntimeError is the pool's answer to work that comes after `stop`.
            if self.stopping.is_set():
                raise Stopped from error
            raise

    def prepare(self, run: Run) -> Future[None]:
        """Draw a run of v2 without waiting for it. The bytes go onto the shelf: thousands of futures may be held."""
        return self._easels.submit(self._prepare, run)

    def picture(self, run: Run) -> bytes:
        """The file of a run of v2, the same bytes each time; raises Stopped."""
        found = self._drawn.get(run.file_name)
        return self.draw(run) if found is None else found[1]

    def stop(self) -> None:
        self.stopping.set()
        self.schedule.stop()
        self._easels.shutdown(wait=False, cancel_futures=True)

    def publish(self, content_type: str, content: bytes) -> str:
        """Put a file on the files route; the oldest go first."""
        name = f"{secrets.token_hex(8)}.{content_type.rpartition('/')[2]}"
        self.published.put(name, content_type, content)
        return self.file_url(name)

    def file_url(self, name: str) -> str:
        return f"{self.url}/generations/{name}"

    def _prepare(self, run: Run) -> None:
        self._paint(run)

    def _paint(self, run: Run) -> bytes:
        order, toggled = run.order, self.behaviour.drawing == "plain"
        plain = toggled if run.plain is None else run.plain
        image = paint(order.prompt, order.seed, (order.width, order.height), order.detail, plain=plain)
        content = encode(image, order.format, order.quality)
        if run.version == "v2":
            self._drawn.put(run.file_name, f"image/{order.format}", content)
        return content

    def note(
        self, method: str, path: str, request_id: str, headers: Message, *, body: bytes = b"", fault: str = ""
    ) -> None:
        kept = {name: value for name, value in headers.items() if name.lower() != KEY_HEADER}
        keyed = headers.get(KEY_HEADER) is not None
        self.journal.append(Request(self.now(), method, path, request_id, kept, body, fault, keyed))
