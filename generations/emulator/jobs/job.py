"""One job at the provider: a picture being made, whichever version of the API asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from generations.emulator.account.account import Charge
from generations.emulator.account.ledger import ProviderEntry, Version
from generations.emulator.jobs.parsing import ParsedRequest, parse_request
from generations.schema import ParameterSchema

JobStatus = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]
RECORD_SECONDS = 3600
FILE_SECONDS = 7 * 86400


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
    """`received` is the ledger's entry with the seed that is drawn; `queue_seconds` are not divided by the speed-up.

    `plain` is how it is drawn, whenever that is; None for a job from before a restart: then the toggle decides.
    One thread at a time moves it on; `status` is written last, so that whoever reads it finds the rest in place.
    """

    schema: ParameterSchema
    parameters: Mapping[str, object]
    received: ProviderEntry
    queue_seconds: float
    plain: bool | None = None
    outcome: JobOutcome = field(default_factory=JobOutcome)
    status: JobStatus = "QUEUED"
    ended_at: float | None = None
    error: str = ""
    charge: Charge | None = None
    request: ParsedRequest = field(init=False)

    def __post_init__(self) -> None:
        self.request = parse_request(self.schema, self.parameters, self.received.seed or 0)

    @property
    def id(self) -> str:
        return self.received.request_id

    @property
    def version(self) -> Version:
        return self.received.version

    @property
    def file_name(self) -> str:
        return f"{self.id}.{self.request.format}"

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
