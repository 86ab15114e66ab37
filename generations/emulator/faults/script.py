"""Which of the next requests meet which fault: those that were scripted come first, then the random ones."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from generations.emulator.faults.body_faults import BODY_FAULTS
from generations.emulator.faults.job_faults import JOB_FAULTS
from generations.emulator.faults.refusals import REFUSALS
from generations.emulator.reply import ProviderReply
from generations.emulator.requests.base import ROUTES, ProviderRequest, Route

PAID: tuple[Route, ...] = ("v1", "v2")
# Not an answer to a request: nobody listens for a while. The emulator does it, see `Control.fault`.
REFUSED = "refused"
FAULTS = {**REFUSALS, **BODY_FAULTS, **JOB_FAULTS}
EXAMPLE = '{"rate": 0.18, "seed": 7, "faults": ["429", {"name": "502", "options": {"charge": true}}]}'


@dataclass
class Fault:
    """A fault that waits for its requests: `times` of them on the route `on`."""

    name: str
    times: int = 1
    on: Route | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Return its route, else the paid calls of either version, else where it can be met first."""
        if self.on is not None:
            return (self.on,)
        possible = FAULTS[self.name].routes
        return tuple(route for route in PAID if route in possible) or possible[:1]

    def answer(self, request: ProviderRequest) -> ProviderReply:
        return FAULTS[self.name].answer(request, **{**FAULTS[self.name].options, **self.options})


def check(fault: Fault) -> None:
    """Raise ValueError with a sentence when the name, the route or an option is unknown or does not fit."""
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


@dataclass(frozen=True)
class RandomFaults:
    """`rate` is the share of the requests to the routes `on` that meet a fault; one listed twice comes twice as often.

    The n-th request meets the same fault whenever seed, list and routes are the same. Not thread-safe.
    """

    rate: float
    faults: tuple[Fault, ...]
    seed: int = 0
    on: tuple[Route, ...] = PAID
    _random: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_random", random.Random(self.seed))

    def draw(self, route: Route) -> Fault | None:
        """Return a fault that can be met on this route, or none."""
        if route not in self.on:
            return None
        # Both are always drawn: another rate moves the border, not the sequence.
        roll, pick = self._random.random(), self._random.random()
        possible = [fault for fault in self.faults if route in FAULTS[fault.name].routes]
        return possible[int(pick * len(possible))] if possible and roll < self.rate else None

    def document(self) -> dict[str, object]:
        """Return what `parse_random_faults` reads."""
        faults = [{"name": fault.name, "options": dict(fault.options)} for fault in self.faults]
        return {"rate": self.rate, "seed": self.seed, "on": list(self.on), "faults": faults}


def parse_random_faults(document: Any) -> RandomFaults:
    """Read the control plane's JSON; raises ValueError with a sentence."""
    if not isinstance(document, Mapping) or not {"rate", "faults"} <= set(document) <= {"rate", "seed", "faults", "on"}:
        raise ValueError(f"random_faults is {document!r}; write it like {EXAMPLE}, or null for none.")
    rate, seed, on, faults = document["rate"], document.get("seed", 0), document.get("on", PAID), document["faults"]
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ValueError(f"The rate is {rate!r}; give the share of calls that meet a fault, 0 to 1.")
    if type(seed) is not int:
        raise ValueError(f"The seed is {seed!r}; give a whole number.")
    if not isinstance(on, list | tuple) or not on or not all(route in ROUTES for route in on):
        raise ValueError(f"The routes are {on!r}; list some of {', '.join(ROUTES)}.")
    if isinstance(faults, Mapping):
        faults = [{"name": name, "options": options} for name, options in faults.items()]
    if not isinstance(faults, list | tuple) or not faults:
        raise ValueError(f"The faults are {faults!r}; list one or more, as in {EXAMPLE}.")
    return RandomFaults(rate, tuple(_random_fault(one, tuple(on)) for one in faults), seed, tuple(on))


def parse_fault(document: Any, *keys: str) -> Fault:
    """Read a fault from JSON: a name, or an object with these keys beside name and options; raises ValueError."""
    document = {"name": document} if isinstance(document, str) else document
    known = isinstance(document, Mapping) and {"name"} <= set(document) <= {"name", "options", *keys}
    if not known or not isinstance(document.get("options", {}), Mapping):
        shape = ", ".join(f'"{key}": …' for key in ("name", *keys))
        raise ValueError(f'A fault is a name, or {{{shape}, "options": {{…}}}}.')
    return Fault(**document)


def _random_fault(document: Any, on: tuple[Route, ...]) -> Fault:
    fault = parse_fault(document)
    if fault.name == REFUSED:
        raise ValueError(f"{REFUSED} closes the port and answers no call, so it is not random; script it as a fault.")
    possible = [route for route in on if fault.name in list(FAULTS) and route in FAULTS[fault.name].routes]
    fault.on = (possible or on)[0]
    check(fault)
    return fault


class FaultScript:
    """Faults waiting for their requests, first in, first met; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self.random_faults: RandomFaults | None = None

    def add(self, fault: Fault) -> None:
        check(fault)
        with self._lock:
            self._faults.append(fault)

    def take(self, route: Route) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._faults if route in fault.routes), None)
            if fault is None:
                return self.random_faults.draw(route) if self.random_faults else None
            fault.times -= 1
            self._faults = [fault for fault in self._faults if fault.times > 0]
            return fault

    def clear(self) -> None:
        with self._lock:
            self._faults, self.random_faults = [], None

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)
