"""What a fault is: how it answers a request, on which routes that makes sense, and which options it takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generations.emulator.reply import ProviderReply
from generations.emulator.requests.base import ROUTES, Route

PICTURES: tuple[Route, ...] = ("v1", "files")
POLLS: tuple[Route, ...] = ("status", "result")


@dataclass(frozen=True)
class FaultType:
    """`answer` takes the request and the options by keyword; `options` holds their defaults."""

    answer: Callable[..., ProviderReply]
    routes: tuple[Route, ...] = ROUTES
    options: Mapping[str, Any] = field(default_factory=dict)


def changed(change: Callable[..., ProviderReply], *routes: Route, **options: Any) -> FaultType:
    """Return a fault that changes a good reply; a request that is refused anyway is refused as usual.

    `change` takes the reply, the request and the options.
    """

    def answer(request: Any, **given: Any) -> ProviderReply:
        good = request.finish()
        return change(good, request, **given) if good.status == 200 else good

    return FaultType(answer, routes or ROUTES, options)
