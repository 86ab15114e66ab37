"""Options of a run, given as words such as `DB=pg N=200 SEEDS=1..3`."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FAULTS = ("workers", "redis", "pg", "sweeper", "enospc", "upstream")
MAX_GENERATIONS = 100_000
MAX_SEEDS = 100
# Never on a command line: it is passed in the environment, like a real key.
KEY_VARIABLE = "CHAOS_KEY"


class Misread(ValueError):
    """A word that is not understood; the text names the valid ones."""


@dataclass(frozen=True)
class Options:
    """The options; `late` is a negative control: messages are acknowledged late and redelivered after six seconds."""

    db: str = "sqlite"
    api: str = "v1"
    n: int = 1000
    seeds: tuple[int, ...] = (1,)
    faults: tuple[str, ...] = FAULTS
    late: bool = False
    naive: bool = False
    key: str = ""

    def words(self, seed: int) -> list[str]:
        """Return what to type after `make` to repeat this seed."""
        verb = "chaos-control" if self.naive else "chaos"
        said = [verb, f"DB={self.db}", f"API={self.api}", f"N={self.n}", f"SEEDS={seed}"]
        if set(self.faults) != set(FAULTS):
            said.append(f"FAULTS={','.join(self.faults)}")
        return [*said, "LATE=1"] if self.late else said


def read(words: Iterable[str], environment: Mapping[str, str]) -> Options:
    """Return the options. Raises Misread."""
    given: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if word == "naive":
            given["naive"] = True
        elif not equals or name not in READERS:
            raise Misread(f"{word!r} is not understood; write {', '.join(f'{known}=…' for known in READERS)}.")
        else:
            given[name.lower()] = READERS[name](name, value)
    options = Options(**given, key=environment.get(KEY_VARIABLE, "").strip())
    if options.key and not re.fullmatch(r"[\x21-\x7e]{8,200}", options.key):
        raise Misread("KEY has fewer than 8 characters, or some that cannot go into a header; give 8 to 200 of ASCII.")
    if "pg" in options.faults and options.db != "pg" and len(options.faults) == 1:
        raise Misread("FAULTS=pg has nothing to restart while DB=sqlite; add DB=pg.")
    return options


def _choice(*allowed: str) -> Callable[[str, str], str]:
    def reader(name: str, value: str) -> str:
        if value not in allowed:
            raise Misread(f"{name} is {value!r}; choose {' or '.join(allowed)}.")
        return value

    return reader


def _number(name: str, value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= MAX_GENERATIONS:
        raise Misread(f"{name} is {value!r}; give a whole number from 1 to {MAX_GENERATIONS}.")
    return int(value)


def _seeds(name: str, value: str) -> tuple[int, ...]:
    match = re.fullmatch(r"([0-9]{1,9})(?:\.\.([0-9]{1,9}))?", value)
    if match is None:
        raise Misread(f"{name} is {value!r}; give one seed such as 7, or a range such as 1..3.")
    first, last = int(match[1]), int(match[2] or match[1])
    if not 0 <= last - first < MAX_SEEDS:
        raise Misread(f"{name} is {value!r}; the range counts up and holds at most {MAX_SEEDS} seeds.")
    return tuple(range(first, last + 1))


def _faults(name: str, value: str) -> tuple[str, ...]:
    chosen = tuple(word.strip() for word in value.split(","))
    if chosen == ("all",):
        return FAULTS
    if not set(chosen) <= set(FAULTS):
        raise Misread(f"{name} is {value!r}; write all, or some of {', '.join(FAULTS)} with commas between.")
    return chosen


def _flag(name: str, value: str) -> bool:
    if value not in {"0", "1"}:
        raise Misread(f"{name} is {value!r}; write 1 or 0.")
    return value == "1"


READERS: dict[str, Callable[[str, str], Any]] = {
    "DB": _choice("sqlite", "pg"),
    "API": _choice("v1", "v2"),
    "N": _number,
    "SEEDS": _seeds,
    "FAULTS": _faults,
    "LATE": _flag,
}
