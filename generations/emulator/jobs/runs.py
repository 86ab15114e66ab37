"""All runs the vendor remembers, and how they come back from the ledger after a restart."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from threading import Lock

from generations.emulator.account.account import Charge
from generations.emulator.account.books import Entry
from generations.emulator.jobs import order
from generations.emulator.jobs.run import Run
from generations.schema import ParameterSchema

MOST = 20_000


class Runs:
    """Thread-safe; over the limit the oldest are forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._lock = Lock()
        self._most = most
        self._runs: OrderedDict[str, Run] = OrderedDict()

    def add(self, run: Run) -> None:
        with self._lock:
            self._runs[run.id] = run
            while len(self._runs) > self._most:
                self._runs.popitem(last=False)

    def get(self, request_id: str) -> Run | None:
        with self._lock:
            return self._runs.get(request_id)

    def newest_first(self) -> list[Run]:
        with self._lock:
            return list(reversed(self._runs.values()))


def restored(entries: Iterable[Entry], schemas: Mapping[str, ParameterSchema], queue_seconds: float) -> list[Run]:
    """The runs that came to an end, oldest first. What was still running when the process ended is lost, uncharged."""
    models = {schema.slug: schema for schema in schemas.values()}
    received: dict[str, Entry] = {}
    runs: dict[str, Run] = {}
    for entry in entries:
        # Ledgers of older emulators do not hold the order.
        if entry.kind == "RECEIVED" and entry.parameters is not None and entry.slug in models:
            received[entry.request_id] = entry
        elif (entry.kind == "CHARGED" or entry.error) and entry.request_id in received:
            run = _restored(models[entry.slug], received.pop(entry.request_id), entry, queue_seconds)
            runs[run.id] = run
    return sorted(runs.values(), key=lambda run: run.created_at)


def _restored(schema: ParameterSchema, received: Entry, end: Entry, queue_seconds: float) -> Run:
    parameters, seed = received.parameters or {}, end.seed or 0
    run = Run(
        end.request_id,
        received.version,
        parameters,
        order.read(schema, parameters, seed),
        replace(received, seed=seed, parameters=None),
        queue_seconds,
    )
    if end.kind == "CHARGED":
        after = end.balance or Decimal(0)
        run.complete(Charge(after + end.cost, after), end.at)
    else:
        run.fail(end.error, end.at)
    return run
