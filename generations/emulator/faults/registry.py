"""The faults by name: the options of each, and on which routes requests can meet it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generations.emulator.http.reply import Reply
from generations.emulator.requests.base import ROUTES, ProviderRequest, Route

PAID: tuple[Route, ...] = ("v1", "v2")
# Not an answer to a request: nobody listens for a while. The emulator does it, see `Control.fault`.
REFUSED = "refused"


@dataclass(frozen=True)
class FaultType:
    """`answer` takes the request and, by keyword, its options; `routes` are those where it makes sense."""

    answer: Callable[..., Reply]
    routes: tuple[Route, ...]

    @property
    def options(self) -> dict[str, Any]:
        """The names of its options with their defaults."""
        parameters = inspect.signature(self.answer).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


FAULTS: dict[str, FaultType] = {}


def fault(name: str, *routes: Route) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Register the answer of a fault; without routes it can be met anywhere."""

    def register(answer: Callable[..., Reply]) -> Callable[..., Reply]:
        FAULTS[name] = FaultType(answer, routes or ROUTES)
        return answer

    return register


@dataclass
class Fault:
    """A fault that waits for its requests: `times` of them on the route `on`."""

    name: str
    times: int = 1
    on: Route | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Its route, else the paid calls of either version, else where it can be met first."""
        if self.on is not None:
            return (self.on,)
        possible = FAULTS[self.name].routes
        return tuple(route for route in PAID if route in possible) or possible[:1]

    def answer(self, request: ProviderRequest) -> Reply:
        return FAULTS[self.name].answer(request, **self.options)


def check(fault: Fault) -> None:
    """Raises ValueError with a sentence when the name, the route or an option is unknown or does not fit."""
    # The control plane's JSON may hold anything; in a list even what cannot be hashed is looked for.
    if fault.name not in list(FAULTS):
        raise ValueError(f"There is no fault {fault.name!r}; known: {', '.join([*FAULTS, REFUSED])}.")
    kind = FAULTS[fault.name]
    if fault.on is not None and fault.on not in ROUTES:
        raise ValueError(f"There is no route {fault.on!r}; known: {', '.join(ROUTES)}.")
    if fault.on is not None and fault.on not in kind.routes:
        raise ValueError(f"{fault.name} cannot be met on {fault.on}, only on {', '.join(kind.routes)}.")
    if type(fault.times) is not int or fault.times < 1:
        raise ValueError(f"times is {fault.times!r}; give a whole number from 1.")
    for option, value in fault.options.items():
        if option not in kind.options:
            raise ValueError(f"{fault.name} has no option {option!r}; known: {', '.join(kind.options) or 'none'}.")
        default = kind.options[option]
        if not isinstance(value, (int, float) if isinstance(default, float) else type(default)):
            raise ValueError(f"{option} is {value!r}; {fault.name} needs a value like {default!r}.")
