"""All jobs the provider remembers, and how they come back from the ledger after a restart."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from threading import Lock

from generations.emulator.account.account import Charge
from generations.emulator.account.ledger import ProviderEntry
from generations.emulator.jobs.job import Job
from generations.schema import ParameterSchema

MAX_JOBS = 20_000


class JobStore:
    """Thread-safe; over the limit the oldest are forgotten."""

    def __init__(self, jobs: Iterable[Job] = (), limit: int = MAX_JOBS) -> None:
        self._lock = Lock()
        self._limit = limit
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        for job in jobs:
            self.add(job)

    def add(self, job: Job) -> None:
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > self._limit:
                self._jobs.popitem(last=False)

    def get(self, request_id: str) -> Job | None:
        with self._lock:
            return self._jobs.get(request_id)

    def newest_first(self) -> list[Job]:
        with self._lock:
            return list(reversed(self._jobs.values()))


def restore_jobs(
    entries: Iterable[ProviderEntry], schemas: Iterable[ParameterSchema], queue_seconds: float
) -> list[Job]:
    """Return the jobs that ended, oldest first. What still ran when the process ended is lost, uncharged."""
    models = {schema.slug: schema for schema in schemas}
    received: dict[str, ProviderEntry] = {}
    jobs: dict[str, Job] = {}
    for entry in entries:
        if entry.kind == "RECEIVED" and entry.slug in models:
            received[entry.request_id] = entry
        elif (entry.kind == "CHARGED" or entry.error) and entry.request_id in received:
            first = received.pop(entry.request_id)
            known = replace(first, seed=entry.seed, parameters=None)
            job = jobs[entry.request_id] = Job(models[entry.slug], first.parameters or {}, known, queue_seconds)
            if entry.kind == "CHARGED":
                after = entry.balance or Decimal(0)
                job.complete(Charge(after + entry.cost, after), entry.at)
            else:
                job.fail(entry.error, entry.at)
    return sorted(jobs.values(), key=lambda job: job.received.at)
