"""The jobs of the provider: what a request asks for, the picture being made, and all jobs it remembers."""

import hashlib
import random
import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from threading import Lock
from typing import Literal

from generations.emulator.account import Charge, ProviderEntry, Version
from generations.schema import ParameterSchema

JobStatus = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]
MAX_JOBS = 20_000
RECORD_SECONDS = 3600
FILE_SECONDS = 7 * 86400
MEGAPIXEL = 1_000_000
DEFAULT_SIDE, MIN_SIDE, MAX_SIDE = 1024, 64, 2048
# How far the invented generation time of one picture lies from the mean, up or down.
JITTER = 0.1
FORMATS = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}


@dataclass(frozen=True)
class ParsedRequest:
    """One picture to draw. `format` is png, jpeg or webp; `seconds` the generation time, not divided by the speed-up.

    `detail` is the chosen speed's time as a part of the slowest speed's. `cost` is US dollars.
    """

    prompt: str
    seed: int
    width: int
    height: int
    detail: float
    format: str
    quality: int
    seconds: Decimal
    cost: Decimal


def parse_request(schema: ParameterSchema, body: Mapping[str, object], seed: int) -> ParsedRequest:
    """Read a body as the worker does; values that are missing or unusable count as the schema's defaults."""
    prompt, (width, height) = prompt_of(schema, body), _size(schema, body)
    speed, value = schema.by_role("speed"), _value(schema, body, "speed")
    options = speed.options if speed else ()
    chosen = next((option for option in options if option.value == value), None)
    slowest = max((option.seconds for option in options), default=0.0)
    # The provider publishes only a mean, so the speed's seconds for each megapixel are invented.
    mean = chosen.seconds * width * height / MEGAPIXEL if chosen and chosen.seconds else schema.mean_latency
    key = f"{seed}|{sha256(prompt)}|{chosen.name if chosen else ''}"
    seconds = Decimal(str(round(mean * random.Random(key).uniform(1 - JITTER, 1 + JITTER), 3)))
    quality = _value(schema, body, "quality")
    return ParsedRequest(
        prompt=prompt,
        seed=seed,
        width=width,
        height=height,
        detail=(chosen.seconds if chosen else slowest) / slowest if slowest else 1.0,
        format=FORMATS.get(str(_value(schema, body, "format") or "webp"), "png"),
        quality=quality if isinstance(quality, int) else 90,
        seconds=seconds,
        cost=schema.list_price if schema.price_per_second is None else seconds * schema.price_per_second,
    )


def seed_of(schema: ParameterSchema, body: Mapping[str, object]) -> int | None:
    """Return the seed of the request; None when it asks for a random one, or for something that is no seed."""
    seed = _value(schema, body, "seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 else None


def prompt_of(schema: ParameterSchema, body: Mapping[str, object]) -> str:
    prompt = _value(schema, body, "prompt")
    return prompt if isinstance(prompt, str) else ""


def sha256(text: str) -> str:
    # A lone surrogate is valid in JSON and not in UTF-8; the ledger must not fail over it.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class JobOutcome:
    """What a fault makes of a job of v2.

    `failure` is the text it ends with. `endless`: polls say PROCESSING for good; `charge`: billed all the same.
    """

    failure: str = ""
    endless: bool = False
    charge: bool = True


@dataclass
class Job:
    """One picture being made, whichever version of the API asked for it.

    `received` is the ledger's entry with the seed that is drawn; `queue_seconds` are not divided by the speed-up.
    `drawing` is how it is drawn, whenever that is; empty for a job from before a restart: then the toggle decides.
    One thread at a time moves it on; `status` is written last, so that a reader of it finds the rest in place.
    """

    schema: ParameterSchema
    parameters: Mapping[str, object]
    received: ProviderEntry
    queue_seconds: float
    drawing: str = ""
    outcome: JobOutcome = field(default_factory=JobOutcome)
    status: JobStatus = "QUEUED"
    ended_at: float | None = None
    error: str = ""
    charge: Charge | None = None

    def __post_init__(self) -> None:
        self.id = self.received.request_id
        self.version: Version = self.received.version
        self.request = parse_request(self.schema, self.parameters, self.received.seed or 0)
        self.content_type = f"image/{self.request.format}"
        self.file_name = f"{self.id}.{self.request.format}"

    @property
    def ended(self) -> bool:
        return self.status in {"COMPLETED", "FAILED"}

    def complete(self, charge: Charge, at: float) -> None:
        self.charge, self.ended_at = charge, at
        self.status = "COMPLETED"

    def fail(self, text: str, at: float) -> None:
        self.error, self.ended_at = text, at
        self.status = "FAILED"

    def has_record(self, now: float) -> bool:
        """Return whether v2 still answers for it."""
        return self.version == "v2" and now < self.received.at + RECORD_SECONDS

    def has_file(self, now: float) -> bool:
        done = self.version == "v2" and self.status == "COMPLETED"
        return done and now < (self.ended_at or 0) + FILE_SECONDS


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
    jobs: list[Job] = []
    for entry in entries:
        if entry.kind == "RECEIVED" and entry.slug in models:
            received[entry.request_id] = entry
        elif (entry.kind == "CHARGED" or entry.error) and entry.request_id in received:
            first = received.pop(entry.request_id)
            known = replace(first, seed=entry.seed, parameters=None)
            job = Job(models[entry.slug], first.parameters or {}, known, queue_seconds)
            if entry.kind == "CHARGED":
                after = entry.balance or Decimal(0)
                job.complete(Charge(after + entry.cost, after), entry.at)
            else:
                job.fail(entry.error, entry.at)
            jobs.append(job)
    return sorted(jobs, key=lambda job: job.received.at)


def _value(schema: ParameterSchema, body: Mapping[str, object], role: str) -> object:
    parameter = schema.by_role(role)
    return None if parameter is None else body.get(parameter.wire, parameter.default)


def _size(schema: ParameterSchema, body: Mapping[str, object]) -> tuple[int, int]:
    """Return the size option's pixels, else a ratio such as 16:9 at one megapixel, else parameters named for a side."""
    parameter, value = schema.by_role("size"), _value(schema, body, "size")
    option = next((option for option in parameter.options if option.value == value), None) if parameter else None
    if option and option.width and option.height:
        return option.width, option.height
    if ratio := re.fullmatch(r"([1-9]\d?):([1-9]\d?)", str(value)):
        across, down = int(ratio[1]), int(ratio[2])
        side = (MEGAPIXEL / (across * down)) ** 0.5
        return _bounded(across * side), _bounded(down * side)
    return _side(schema, body, "width"), _side(schema, body, "height")


def _side(schema: ParameterSchema, body: Mapping[str, object], name: str) -> int:
    found = [body.get(p.wire, p.default) for p in schema.parameters if p.name.endswith(name)]
    return _bounded(found[0] if found and isinstance(found[0], int) else DEFAULT_SIDE)


def _bounded(side: float) -> int:
    return max(MIN_SIDE, min(MAX_SIDE, round(side)))
