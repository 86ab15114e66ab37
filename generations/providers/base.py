"""The interface between the pipeline and a provider; no HTTP of the provider is visible beyond it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import inf
from typing import Literal, Protocol

from generations import schema

# Where the provider named a price.
AnswerCostSource = Literal["header", "body", "history"]


@dataclass(frozen=True)
class ImageRequest:
    """One paid call: `slug` is the model in the address, `body` is sent as JSON."""

    slug: str
    body: Mapping[str, object]


def image_request(model: schema.ParameterSchema, parameters: schema.Values, seed: int | None) -> ImageRequest:
    """Return the request of one call, with the seed as the model's parameter."""
    values = dict(parameters)
    role = model.by_role("seed")
    if role is not None and seed is not None:
        values[role.name] = seed
    return ImageRequest(model.slug, schema.body(model, values))


@dataclass(frozen=True)
class Answer:
    """A 200 answer as received, before validation: it is what was paid for.

    `cost` and `remaining_credits` are US dollars as the provider wrote them, None when it did not;
    `generation_seconds` is the provider's own time; `seed` the one it reports, None when it reports none.
    `cost_from` is where it named the cost; `headers` are those of the answer that may be kept, see `kept`.
    `is_file`: the body is the downloaded file that the provider's answer linked to. `lost` is this site's description
    of why the body did not arrive; empty when it did.
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
    """What the account can spend, US dollars; the provider counts free credits separately."""

    credits: Decimal
    free_credits: Decimal

    @property
    def total(self) -> Decimal:
        return self.credits + self.free_credits


@dataclass(frozen=True)
class PastCall:
    """One row of the provider's own history; text that it leaves out is empty.

    `finished`: generated or failed. `failed`: explicitly failed and nothing deducted, so not billed. `cost` is US
    dollars, `output` the address of the picture, `at` aware UTC.
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
    """Ignore the request id; the default for callers that do not need it early."""


class Provider(Protocol):
    def call(self, request: ImageRequest, accepted: Callable[[str], None] = ignore_event) -> Answer:
        """Generate a picture; the only method that can cost money. Raises ProviderError.

        `accepted` is called with the request id as soon as it is known, before any wait; an exception from it ends the
        call here, but not at the provider. An API version without request records never calls it.
        """

    def resume(self, request_id: str, patience: float = inf) -> Answer:
        """Wait for a call that was accepted earlier, at no cost; at most `patience` seconds and the deadline.

        Raises the ProviderError that the call ended with, StillGenerating when it is not finished by then,
        RequestForgotten when the provider has no record of it.
        """

    def past(self, since: datetime, until: datetime) -> list[PastCall]:
        """Return the provider's history from the day of `since` to the day of `until`, at no cost.

        All of it or an error; a few rows from outside may be included. Raises ProviderError when it cannot be read.
        """

    def must_download(self, answer: Answer) -> bool:
        """Return whether the picture is a file on another host, so that `picture` needs the network."""

    def picture(self, answer: Answer) -> bytes:
        """Return the bytes that an answer contains or links to, unvalidated; free, and safe to repeat.

        Raises UnusableAnswer when there are none, NotDownloaded when they may be available later, UnlistedHost when
        the settings have to list their host first.
        """

    def balance(self) -> Balance:
        """Return the account's balance, at no cost. Raises ProviderError."""
