"""Weather: any paid call may meet a fault, with a given probability, drawn from a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generations.providers.emulator.faults import REFUSED, Fault, Route, check

KEYS = {"rate", "seed", "faults"}
SHAPE = '{"rate": 0.18, "seed": 7, "faults": ["429", {"name": "502", "options": {"charge": true}}]}'
PAID: tuple[Route, ...] = ("v1",)


@dataclass(frozen=True)
class Weather:
    """`rate` is the share of the calls that meet a fault; a fault that is listed twice comes twice as often.

    The n-th call meets the same fault whenever the seed and the list are the same. Not thread-safe.
    """

    rate: float
    faults: tuple[Fault, ...]
    seed: int = 0
    _dice: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_dice", random.Random(self.seed))

    def draw(self) -> Fault | None:
        # Both are always drawn: another rate moves the border, not the sequence.
        roll, fault = self._dice.random(), self._dice.choice(self.faults)
        return fault if roll < self.rate else None

    def document(self) -> dict[str, object]:
        """As `forecast` reads it."""
        faults = [{"name": fault.name, "options": dict(fault.options)} for fault in self.faults]
        return {"rate": self.rate, "seed": self.seed, "faults": faults}


def forecast(document: Any) -> Weather:
    """Weather from the control plane's JSON; raises ValueError with a sentence."""
    if not isinstance(document, Mapping) or not set(document) <= KEYS or not {"rate", "faults"} <= set(document):
        raise ValueError(f"The weather is {document!r}; write it like {SHAPE}, or null for none.")
    rate, seed = document["rate"], document.get("seed", 0)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise ValueError(f"The weather's rate is {rate!r}; give the share of calls that meet a fault, 0 to 1.")
    if type(seed) is not int:
        raise ValueError(f"The weather's seed is {seed!r}; give a whole number.")
    return Weather(rate, _faults(document["faults"]), seed)


def _faults(listed: Any) -> tuple[Fault, ...]:
    """From a list of names and {"name", "options"}, or from {"name": {options}}."""
    if isinstance(listed, Mapping):
        listed = [{"name": name, "options": options} for name, options in listed.items()]
    if not isinstance(listed, list | tuple) or not listed:
        raise ValueError(f"The weather's faults are {listed!r}; list one or more, as in {SHAPE}.")
    return tuple(_fault(one) for one in listed)


def _fault(one: Any) -> Fault:
    wish = {"name": one} if isinstance(one, str) else one
    if not isinstance(wish, Mapping) or not {"name"} <= set(wish) <= {"name", "options"}:
        raise ValueError(f'The weather\'s fault is {one!r}; give a name, or {{"name": …, "options": {{…}}}}.')
    options = wish.get("options", {})
    if not isinstance(options, Mapping):
        raise ValueError(f'The options are {options!r}; give an object such as {{"charge": true}}.')
    if wish["name"] == REFUSED:
        raise ValueError(f"{REFUSED} closes the port and answers no call, so it is no weather; script it as a fault.")
    fault = Fault(wish["name"], options=options)
    check(fault)
    return fault
