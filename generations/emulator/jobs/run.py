"""One run at the vendor: a picture being made, whichever version of the API ordered it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from generations.emulator.account.account import Charge
from generations.emulator.account.books import Entry, Version
from generations.emulator.jobs.order import Order

Status = Literal["QUEUED", "PROCESSING", "COMPLETED", "FAILED"]
RECORD_SECONDS = 3600
FILE_SECONDS = 7 * 86400


@dataclass(frozen=True)
class Fate:
    """What a fault has in store for a run of v2.

    `failure` is the text it ends with. `endless`: polls say PROCESSING for good; `charge`: billed all the same.
    """

    failure: str = ""
    endless: bool = False
    charge: bool = True


@dataclass
class Run:
    """`received` is the ledger's entry with the seed that is drawn, `queue_seconds` are undivided. `plain` is how it is
    drawn, whenever that is; None for a run from before a restart, which is drawn as the toggle says.

    One thread at a time moves it on; `status` is written last, so that whoever reads it finds the rest in place.
    """

    id: str
    version: Version
    parameters: Mapping[str, object]
    order: Order
    received: Entry
    queue_seconds: float = 0.0
    plain: bool | None = None
    fate: Fate = field(default_factory=Fate)
    status: Status = "QUEUED"
    ended_at: float | None = None
    error: str = ""
    charge: Charge | None = None

    @property
    def created_at(self) -> float:
        return self.received.at

    @property
    def file_name(self) -> str:
        return f"{self.id}.{self.order.format}"

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
        """Whether v2 still answers for it."""
        return self.version == "v2" and now < self.created_at + RECORD_SECONDS

    def has_file(self, now: float) -> bool:
        done = self.version == "v2" and self.status == "COMPLETED" and self.ended_at is not None
        return done and now < (self.ended_at or 0) + FILE_SECONDS
