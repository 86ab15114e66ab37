"""The schedule of failures, determined by the seed alone."""

import random
from collections.abc import Collection, Iterator
from typing import NamedTuple

# The group of FAULTS that each kind of event belongs to.
KINDS = {
    "kill every worker": "workers",
    "kill one worker": "workers",
    "ask one worker to stop": "workers",
    "freeze one worker beyond its lease": "workers",
    "kill redis": "redis",
    "flush redis": "redis",
    "kill postgres": "pg",
    "kill the sweeper": "sweeper",
    "fill the disk": "enospc",
}
GAP = 2.5  # seconds between two events, on average
QUIET = 2.0  # seconds without events at the beginning, so that there is work to disturb
# The share of the paid calls that meet a provider fault, and the faults.
RATE = 0.18
UPSTREAM: tuple[dict[str, object], ...] = (
    {"name": "429", "options": {"seconds": 1.0}},
    {"name": "500"},
    {"name": "502", "options": {"after": 3.0}},
    {"name": "504", "options": {"after": 3.0, "charge": True}},
    {"name": "drop", "options": {"charge": False}},
    {"name": "drop", "options": {"reset": True}},
    {"name": "hang", "options": {"charge": False}},
    {"name": "hang"},
    {"name": "cut"},
    {"name": "html"},
)
# The routes with faults: the call that costs money, and with v2 every poll as well.
ROUTES = {"v1": ("v1",), "v2": ("v2", "status", "result", "files")}


class Event(NamedTuple):
    """One failure; `at` is seconds after the first submit, `victim` selects the worker."""

    at: float
    kind: str
    victim: int


def schedule(seed: int, seconds: float, groups: Collection[str]) -> list[Event]:
    """Return the schedule; every kind of the groups occurs before one occurs twice."""
    dice = random.Random(seed)
    kinds = _dealt(dice, [kind for kind, group in KINDS.items() if group in groups])
    count = max(0, int((seconds - QUIET) / GAP))
    moments = sorted(QUIET + (number + dice.random()) * GAP for number in range(count))
    return [Event(moment, kind, dice.randrange(1000)) for moment, kind in zip(moments, kinds, strict=False)]


def shortest(groups: Collection[str]) -> float:
    """Return the seconds in which every kind of the groups occurs once."""
    return QUIET + GAP * sum(group in groups for group in KINDS.values())


def _dealt(dice: random.Random, kinds: list[str]) -> Iterator[str]:
    """Yield the kinds in shuffled rounds without end; nothing when there are none."""
    while kinds:
        deck = kinds.copy()
        dice.shuffle(deck)
        yield from deck
