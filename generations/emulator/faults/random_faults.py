"""Random faults: any paid call may meet one, with a given probability, decided by a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generations.emulator.faults.registry import FAULTS, PAID, REFUSED, Fault, check
from generations.emulator.requests.base import ROUTES, Route

KEYS = {"rate", "seed", "faults", "on"}
EXAMPLE = '{"rate": 0.18, "seed": 7, "faults": ["429", {"name": "502", "options": {"charge": true}}]}'


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
    if not isinstance(document, Mapping) or not {"rate", "faults"} <= set(document) <= KEYS:
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
    return RandomFaults(rate, tuple(_fault(one, tuple(on)) for one in faults), seed, tuple(on))


def _fault(one: Any, on: tuple[Route, ...]) -> Fault:
    document = {"name": one} if isinstance(one, str) else one
    if not isinstance(document, Mapping) or not {"name"} <= set(document) <= {"name", "options"}:
        raise ValueError(f'The fault is {one!r}; give a name, or {{"name": …, "options": {{…}}}}.')
    name, options = document["name"], document.get("options", {})
    if not isinstance(options, Mapping):
        raise ValueError(f'The options are {options!r}; give an object such as {{"charge": true}}.')
    if name == REFUSED:
        raise ValueError(f"{REFUSED} closes the port and answers no call, so it is not random; script it as a fault.")
    possible = [route for route in on if name in list(FAULTS) and route in FAULTS[name].routes]
    fault = Fault(name, on=(possible or on)[0], options=options)
    check(fault)
    return fault
