"""The emulated provider behind the HTTP: its models, account, jobs and files."""

import os
import secrets
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

from generations.emulator.account import EntryKind, ProviderAccount, ProviderEntry, ProviderLedger
from generations.emulator.behaviour import Behaviour
from generations.emulator.images import FileCache, render
from generations.emulator.job import Job, JobStore, restore_jobs
from generations.emulator.scheduler import Scheduler
from generations.schema import ParameterSchema

MAX_JOURNAL = 10_000


class EmulatorStopped(Exception):
    """The emulator is being stopped; a waiting call gives up without charging."""


@dataclass(frozen=True)
class LoggedRequest:
    """One request as it came: what the journal keeps. The key is not kept, only whether one came."""

    at: float
    method: str
    path: str
    request_id: str
    headers: Mapping[str, str]
    body: bytes
    fault: str
    keyed: bool


@dataclass
class EmulatedProvider:
    """State that all requests share. `balance` counts for a new ledger only; `url` is known once the server listens."""

    schemas: Mapping[str, ParameterSchema]
    keys: frozenset[str]
    behaviour: Behaviour
    balance: Decimal
    ledger_path: Path | None
    url: str = ""

    def __post_init__(self) -> None:
        self.stopping = Event()
        self.ledger = ProviderLedger(self.ledger_path)
        self.account = ProviderAccount(self.balance, self.ledger, self.now)
        self.journal: deque[LoggedRequest] = deque(maxlen=MAX_JOURNAL)
        self.published = FileCache()
        # Of the jobs of v2; what is dropped is drawn again when somebody asks for it.
        self.pictures = FileCache()
        self.jobs = JobStore(restore_jobs(self.ledger.entries, self.schemas.values(), self.behaviour.queue_seconds))
        self.scheduler = Scheduler()
        # Drawing is the only work here that needs a processor and memory: a few threads do it for all who wait.
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, "drawing")

    def now(self) -> float:
        """Return the emulator's clock, seconds since 1970."""
        return time.time() + self.behaviour.clock_offset

    def model(self, slug: str) -> ParameterSchema | None:
        return next((schema for schema in self.schemas.values() if schema.slug == slug), None)

    def wait(self, seconds: float) -> None:
        """Wait for seconds that the speed-up divides; raises EmulatorStopped."""
        self.sleep(seconds / self.behaviour.speed_up)

    def sleep(self, seconds: float) -> None:
        """Wait for real seconds; raises EmulatorStopped."""
        if self.stopping.wait(max(seconds, 0)):
            raise EmulatorStopped

    def stop(self) -> None:
        self.stopping.set()
        self.scheduler.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def draw(self, job: Job) -> bytes:
        """Return image bytes, when a thread is free; raises EmulatorStopped."""
        try:
            return self._pool.submit(self._draw, job).result()
        except (CancelledError, RuntimeError) as error:
            # RuntimeError is the pool's answer to work that comes after `stop`.
            if self.stopping.is_set():
                raise EmulatorStopped from error
            raise

    def start_drawing(self, job: Job) -> Future[None]:
        """Draw a job of v2 without waiting. The bytes go to the cache: thousands of futures may be held."""

        def keep() -> None:
            self._draw(job)

        return self._pool.submit(keep)

    def picture(self, job: Job) -> bytes:
        """Return the file of a job of v2, the same bytes each time; raises EmulatorStopped."""
        found = self.pictures.get(job.file_name)
        return self.draw(job) if found is None else found[1]

    def record(self, entry: ProviderEntry, kind: EntryKind, *, status: int = 200, **fields: Any) -> None:
        """Write what became of a received request."""
        self.ledger.write(replace(entry, kind=kind, at=self.now(), status=status, **fields))

    def charge(self, job: Job) -> None:
        """Take the cost of a finished job. The ledger is written first: a reader who sees the end finds it there."""
        cost = max(job.request.cost + self.behaviour.surcharge, Decimal(0))
        entry = replace(job.received, kind="CHARGED", at=self.now(), status=200, cost=cost)
        job.complete(self.account.charge(entry), entry.at)

    def fail(self, job: Job, text: str) -> None:
        """End a job of v2 that failed: nothing is taken."""
        self.account.release(job.id)
        self.record(job.received, "REFUSED", status=422, error=text)
        job.fail(text, self.now())

    def seed_text(self, job: Job) -> str | None:
        """Return what the answer says of the seed; None when it does not."""
        texts = {"number": str(job.request.seed), "none": "None"}
        return texts.get(self.behaviour.seed_header)

    def remaining_credits(self, job: Job) -> Decimal:
        """Return what the answer of a charged job says is left; one charge behind, unless toggled."""
        if job.charge is None:
            return self.account.balance
        return job.charge.before if self.behaviour.remaining_credits == "before" else job.charge.after

    def publish(self, content_type: str, content: bytes) -> str:
        """Put a file on the files route and return its address; the oldest go first."""
        name = f"{secrets.token_hex(8)}.{content_type.rpartition('/')[2]}"
        self.published.put(name, content_type, content)
        return self.file_url(name)

    def file_url(self, name: str) -> str:
        return f"{self.url}/generations/{name}"

    def _draw(self, job: Job) -> bytes:
        content = render(job.request, job.drawing or self.behaviour.drawing)
        if job.version == "v2":
            self.pictures.put(job.file_name, job.content_type, content)
        return content
