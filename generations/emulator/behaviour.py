"""What the emulator does when the provider's behaviour is uncertain or a test wants it otherwise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

CHOICES: dict[str, tuple[object, ...]] = {
    "seed_header": ("number", "none", "absent"),
    "remaining_credits": ("before", "after"),
    "enum_mismatch": ("gateway", "worker"),
    "enum_mismatch_v2": ("worker", "gateway"),
    "insufficient_status": (406, 402),
    "drawing": ("full", "plain", "tiny"),
}


@dataclass
class Behaviour:
    """The toggles; every one can be changed while the emulator runs. docs/emulator.md says what each does.

    Seconds are waits that `speed_up` divides, but for `clock_offset` and `history_seconds`; money is US dollars.
    """

    speed_up: float = 1.0
    rpm: int = 60
    queue_seconds: float = 0.2
    cold_boot_seconds: float = 0.0
    clock_offset: float = 0.0
    spend_limit: Decimal | None = None
    free_credits: Decimal = Decimal(0)
    account_exists: bool = True
    seed_header: str = "number"
    remaining_credits: str = "before"
    cost_header: bool = True
    enum_mismatch: str = "gateway"
    enum_mismatch_v2: str = "worker"
    insufficient_status: int = 406
    forbidden: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    drawing: str = "full"
    history_seconds: float = 0.0
    history_parameters: bool = True
    history_page: int = 50
    history_loses: tuple[str, ...] = ()
    surcharge: Decimal = Decimal(0)

    def change(self, changes: Mapping[str, object]) -> None:
        """Take over toggles by name; raises ValueError with a sentence and then changes nothing."""
        clean = {name: _clean(name, value) for name, value in changes.items()}
        for name, value in clean.items():
            setattr(self, name, value)

    def document(self) -> dict[str, object]:
        return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(self).items()}


DEFAULTS = asdict(Behaviour())
MINIMUMS = {"speed_up": 1e-9, "history_page": 1, "clock_offset": float("-inf")}


def _clean(name: str, value: object) -> object:
    if name not in DEFAULTS:
        raise ValueError(f"There is no toggle {name!r}; known: {', '.join(DEFAULTS)}.")
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise ValueError(f"{name} cannot be {value!r}; choose one of {CHOICES[name]}.")
        return value
    try:
        return _convert(name, value)
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError(f"{name} cannot be {value!r}.") from None


def _convert(name: str, value: Any) -> object:
    """Return the value as the type of the toggle's default; raises TypeError, ValueError or InvalidOperation."""
    kind = type(DEFAULTS[name])
    if name == "spend_limit" or kind is Decimal:
        return None if name == "spend_limit" and value is None else Decimal(str(value))
    if (kind is bool) != isinstance(value, bool) or (kind is tuple and isinstance(value, str)):
        raise TypeError
    if kind is tuple:
        return tuple(str(one) for one in value)
    if kind is not bool and not kind(value) >= MINIMUMS.get(name, 0):
        raise ValueError
    return kind(value)
