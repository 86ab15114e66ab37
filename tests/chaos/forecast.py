"""What goes wrong and when, drawn from the seed alone: the same seed gives the same forecast."""

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
QUIET = 2.0  # seconds at the beginning, so that there is work to disturb
# The part of the paid calls that meet a fault of the provider, and which.
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


class Event(NamedTuple):
    """`at` is seconds after the first order, `victim` counts the workers round."""

    at: float
    kind: str
    victim: int


def forecast(seed: int, seconds: float, groups: Collection[str]) -> list[Event]:
    """Every kind of the groups comes before one comes twice."""
    dice = random.Random(seed)
    kinds = _dealt(dice, [kind for kind, group in KINDS.items() if group in groups])
    count = max(0, int((seconds - QUIET) / GAP))
    moments = sorted(QUIET + (number + dice.random()) * GAP for number in range(count))
    return [Event(moment, kind, dice.randrange(1000)) for moment, kind in zip(moments, kinds, strict=False)]


def shortest(groups: Collection[str]) -> float:
    """Seconds in which every kind of the groups comes once."""
    return QUIET + GAP * sum(group in groups for group in KINDS.values())


def _dealt(dice: random.Random, kinds: list[str]) -> Iterator[str]:
    """Shuffled decks, one after the other, without end; nothing when there are no kinds."""
    while kinds:
        deck = kinds.copy()
        dice.shuffle(deck)
        yield from deck
