"""Weather: any paid call may meet a fault, with a given probability, drawn from a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generations.emulator.faults.faults import FAULTS, PAID, REFUSED, ROUTES, Fault, Route, check, routes_of

KEYS = {"rate", "seed", "faults", "on"}
SHAPE = '{"rate": 0.18, "seed": 7, "faults": ["429", {"name": "502", "options": {"charge": true}}]}'


@dataclass(frozen=True)
class Weather:
    """`rate` is the share of the requests to the routes `on` that meet a fault; one listed twice comes twice as often.

    The n-th request meets the same fault whenever seed, list and routes are the same. Not thread-safe.
    """

    rate: float
    faults: tuple[Fault, ...]
    seed: int = 0
    on: tuple[Route, ...] = PAID
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_dice", random.Random(self.seed))

    def draw(self, route: Route) -> Fault | None:
        """A fault that can be met on this route, or none."""
        if route not in self.on:
            return None
        # Both are always drawn: another rate moves the border, not the sequence.
        roll, pick = self._dice.random(), self._dice.random()
        fitting = [fault for fault in self.faults if route in routes_of(fault.name)]
        return fitting[int(pick * len(fitting))] if fitting and roll < self.rate else None

    def document(self) -> dict[str, object]:
        """As `forecast` reads it."""
        faults = [{"name": fault.name, "options": dict(fault.options)} for fault in self.faults]
        return {"rate": self.rate, "seed": self.seed, "on": list(self.on), "faults": faults}


def forecast(document: Any) -> Weather:
    """Weather from the control plane's JSON; raises ValueError with a sentence."""
    if not isinstance(document, Mapping) or not set(document) <= KEYS or not {"rate", "faults"} <= set(document):
        raise ValueError(f"The weather is {document!r}; write it like {SHAPE}, or null for none.")
    rate, seed = document["rate"], document.get("seed", 0)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ValueError(f"The weather's rate is {rate!r}; give the share of calls that meet a fault, 0 to 1.")
    if type(seed) is not int:
        raise ValueError(f"The weather's seed is {seed!r}; give a whole number.")
    on = _routes(document.get("on", PAID))
    return Weather(rate, _faults(document["faults"], on), seed, on)


def _routes(on: Any) -> tuple[Route, ...]:
    if not isinstance(on, list | tuple) or not on or not all(route in ROUTES for route in on):
        raise ValueError(f"The weather's routes are {on!r}; list some of {', '.join(ROUTES)}.")
    return tuple(on)


def _faults(listed: Any, on: tuple[Route, ...]) -> tuple[Fault, ...]:
    """From a list of names and {"name", "options"}, or from {"name": {options}}."""
    if isinstance(listed, Mapping):
        listed = [{"name": name, "options": options} for name, options in listed.items()]
    if not isinstance(listed, list | tuple) or not listed:
        raise ValueError(f"The weather's faults are {listed!r}; list one or more, as in {SHAPE}.")
    return tuple(_fault(one, on) for one in listed)


def _fault(one: Any, on: tuple[Route, ...]) -> Fault:
    wish = {"name": one} if isinstance(one, str) else one
    if not isinstance(wish, Mapping) or not {"name"} <= set(wish) <= {"name", "options"}:
        raise ValueError(f'The weather\'s fault is {one!r}; give a name, or {{"name": …, "options": {{…}}}}.')
    options = wish.get("options", {})
    if not isinstance(options, Mapping):
        raise ValueError(f'The options are {options!r}; give an object such as {{"charge": true}}.')
    if wish["name"] == REFUSED:
        raise ValueError(f"{REFUSED} closes the port and answers no call, so it is no weather; script it as a fault.")
    reached = [route for route in on if wish["name"] in list(FAULTS) and route in routes_of(wish["name"])]
    fault = Fault(wish["name"], on=(reached or on)[0], options=options)
    check(fault)
    return fault
