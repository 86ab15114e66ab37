"""What the emulator does when the provider's behaviour is uncertain or a test wants it otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

CHOICES: dict[str, tuple[object, ...]] = {
    "seed_header": ("number", "none", "absent"),
    "remaining_credits": ("before", "after"),
    "enum_mismatch": ("gateway", "worker"),
    "enum_mismatch_v2": ("worker", "gateway"),
    "insufficient_status": (406, 402),
    "drawing": ("full", "plain"),
}


@dataclass
class Behaviour:
    """The toggles; every one can be changed while the emulator runs, and docs/emulator.md says what each does."""

    # Every wait is divided by it; headers and prices keep the undivided seconds.
    speed_up: float = 1.0
    rpm: int = 60
    queue_seconds: float = 0.2
    cold_boot_seconds: float = 0.0
    # Seconds added to the clock that the rate limit and the ledger read.
    clock_offset: float = 0.0
    # US dollars the team may spend in all; None for no limit.
    spend_limit: Decimal | None = None
    free_credits: Decimal = Decimal(0)
    account_exists: bool = True
    # "none" is the literal text None.
    seed_header: str = "number"
    # "before" is one call behind, as was captured.
    remaining_credits: str = "before"
    cost_header: bool = True
    # Who refuses a value outside its set: the gateway before the job, or the worker.
    enum_mismatch: str = "gateway"
    enum_mismatch_v2: str = "worker"
    insufficient_status: int = 406
    # Slugs that answer 403 and 410.
    forbidden: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    drawing: str = "full"
    history_seconds: float = 0.0
    history_parameters: bool = True
    history_page: int = 50
    # Request ids whose rows the history has lost.
    history_loses: tuple[str, ...] = ()
    # US dollars taken beyond what the answer says, and told by balance and history alone; below zero, less.
    surcharge: Decimal = Decimal(0)

    def change(self, changes: Mapping[str, object]) -> None:
        """Take over toggles by name; raises ValueError with a sentence and then changes nothing."""
        clean = {name: _clean(name, value) for name, value in changes.items()}
        for name, value in clean.items():
            setattr(self, name, value)

    def document(self) -> dict[str, object]:
        return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(self).items()}


DEFAULTS = {field.name: field.default for field in fields(Behaviour)}


def _clean(name: str, value: object) -> object:
    if name not in DEFAULTS:
        raise ValueError(f"There is no toggle {name!r}; known: {', '.join(DEFAULTS)}.")
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise ValueError(f"{name} cannot be {value!r}; choose one of {CHOICES[name]}.")
        return value
    try:
        return (_CLEANERS.get(name) or _CLEANERS_BY_TYPE[type(DEFAULTS[name])])(value)
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError(f"{name} cannot be {value!r}.") from None


def _number(value: Any, *, above_zero: bool = False) -> float:
    number = float(value)
    if not number >= 0 or (above_zero and number == 0):
        raise ValueError
    return number


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError
    return value


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError
    return tuple(str(name) for name in value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _money(value: object) -> Decimal:
    return Decimal(str(value))


_CLEANERS: dict[str, Callable[[Any], object]] = {
    "speed_up": lambda value: _number(value, above_zero=True),
    "clock_offset": float,
    "spend_limit": lambda value: None if value is None else _money(value),
    "history_page": _count,
}
_CLEANERS_BY_TYPE: dict[type, Callable[[Any], object]] = {
    float: _number, int: int, bool: _flag, tuple: _names, Decimal: _money,
}  # fmt: skip
