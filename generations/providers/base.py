"""What the pipeline asks of whoever draws; the vendor's HTTP stops behind this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import inf
from typing import Literal, Protocol

# Where the provider named a price.
AnswerCostSource = Literal["header", "body", "history"]


@dataclass(frozen=True)
class ImageRequest:
    """One paid call: `slug` names the model in the address, `body` is sent as JSON."""

    slug: str
    body: Mapping[str, object]


@dataclass(frozen=True)
class Answer:
    """A 200 answer as it came, before anybody looked into it: it is what was paid for.

    `cost` and `remaining_credits` are US dollars as the provider wrote them, None when it did not;
    `generation_seconds` is the provider's own time; `seed` the one it reports, None when it reports none.
    `cost_from` is where it named the cost; `headers` are those of the answer that may be kept, see `kept`.
    `is_file`: the body is the file that the provider's answer led to, downloaded whole. `lost` says why the body did
    not arrive, in this site's words; empty when it did.
    """

    body: bytes
    content_type: str
    cost: Decimal | None
    remaining_credits: Decimal | None
    request_id: str
    generation_seconds: Decimal | None
    seed: int | None
    cost_from: AnswerCostSource = "header"
    headers: Mapping[str, str] = field(default_factory=dict)
    is_file: bool = False
    lost: str = ""


@dataclass(frozen=True)
class Balance:
    """What the account can spend, US dollars; the provider keeps free credits apart."""

    credits: Decimal
    free_credits: Decimal

    @property
    def total(self) -> Decimal:
        return self.credits + self.free_credits


@dataclass(frozen=True)
class PastCall:
    """One row of the provider's own history, as far as it says anything; text it leaves out is empty.

    `finished`: drawn or failed. `failed`: explicitly failed and nothing deducted, so not billed. `cost` is US dollars,
    `output` the address of the picture, `at` aware UTC.
    """

    request_id: str
    model: str
    finished: bool
    failed: bool
    cost: Decimal | None
    seed: int | None
    prompt: str
    at: datetime | None
    output: str


def ignore_event(_: str) -> None:
    """For a caller who does not want to know the request id early."""


class Provider(Protocol):
    def call(self, request: ImageRequest, accepted: Callable[[str], None] = ignore_event) -> Answer:
        """The one method that can cost money. Raises a ProviderError.

        `accepted` is told the request id as soon as there is one to come back with, before anything is waited for;
        what it raises ends the call here, not at the provider. A version that keeps no record never calls it.
        """

    def resume(self, request_id: str, patience: float = inf) -> Answer:
        """Free: wait for a call that was accepted earlier, for `patience` seconds and at most the deadline. Raises the
        ProviderError it ended with, StillDrawing when it is not finished by then, Forgotten when there is no record
        of it."""

    def past(self, since: datetime, until: datetime) -> list[PastCall]:
        """Free: the provider's history from the day of `since` to the day of `until`, all of it or an error; a few
        rows from outside may be among them. Raises a ProviderError when it cannot be read."""

    def must_download(self, answer: Answer) -> bool:
        """Return whether the picture is a file elsewhere, so that `picture` has to ask for it over the network."""

    def picture(self, answer: Answer) -> bytes:
        """Return the bytes that an answer holds or leads to, whatever they are; free, may be asked again.

        Raises UnusableAnswer when there are none, NotDownloaded when they may be had another time, UnlistedHost when
        the settings have to name their host first.
        """

    def balance(self) -> Balance:
        """Free. Raises a ProviderError."""
