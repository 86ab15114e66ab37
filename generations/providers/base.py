"""What the pipeline asks of whoever draws; the vendor's HTTP stops behind this."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


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
    """

    body: bytes
    content_type: str
    cost: Decimal | None
    remaining_credits: Decimal | None
    request_id: str
    generation_seconds: Decimal | None
    seed: int | None


@dataclass(frozen=True)
class Balance:
    """What the account can spend, US dollars; the provider keeps free credits apart."""

    credits: Decimal
    free_credits: Decimal

    @property
    def total(self) -> Decimal:
        return self.credits + self.free_credits


class Provider(Protocol):
    def call(self, request: ImageRequest) -> Answer:
        """The one method that can cost money. Raises a ProviderError for everything but HTTP 200."""

    def picture(self, answer: Answer) -> bytes:
        """The image bytes of an answer; free, may be asked again. Raises UnusableAnswer when it holds none."""

    def balance(self) -> Balance:
        """Free. Raises a ProviderError."""
