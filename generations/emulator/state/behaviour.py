"""What the emulator does when the vendor's behaviour is uncertain or a test wants it otherwise."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

CHOICES = {
    "seed_header": ("number", "none", "absent"),
    "remaining_credits": ("before", "after"),
    "enum_mismatch": ("gateway", "worker"),
    "enum_mismatch_v2": ("worker", "gateway"),
    "insufficient_status": (406, 402),
    "drawing": ("full", "plain"),
}


@dataclass
class Behaviour:
    """The toggles; every one can be changed while the emulator runs.

    speed_up: every wait is divided by it, headers and prices keep the undivided seconds.
    rpm: requests a minute. queue_seconds, cold_boot_seconds: waits before the work, never billed.
    clock_offset: seconds added to the clock that the rate limit and the ledger read.
    spend_limit: US dollars the team may spend in all; None for no limit.
    free_credits: shown beside the balance, never spent. account_exists: False makes the balance a 404.
    seed_header "none" is the literal text None. remaining_credits "before" is one call behind, as was captured.
    cost_header: False is the vendor of 2025. enum_mismatch: who refuses a value outside its set, the gateway before the
    run or the worker; enum_mismatch_v2: the same for submitted jobs.
    insufficient_status: 406, or the 402 that one client met. forbidden, retired: slugs that answer 403 and 410.
    drawing "plain" draws a flat picture in a fraction of the time, for tests of load.
    surcharge: US dollars that are taken beyond what the answer says, and told by the history alone; below zero, less.
    history_seconds: real seconds from a job's end until the history lists it. history_parameters: False leaves them out
    of its rows. history_page: rows on a page of it. history_loses: request ids whose rows it has lost.
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
    insufficient_status: int = 406
    forbidden: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    drawing: str = "full"
    enum_mismatch_v2: str = "worker"
    history_seconds: float = 0.0
    history_parameters: bool = True
    history_page: int = 50
    history_loses: tuple[str, ...] = ()
    surcharge: Decimal = Decimal(0)

    def mismatch(self, version: str) -> str:
        return self.enum_mismatch if version == "v1" else self.enum_mismatch_v2

    def change(self, changes: Mapping[str, object]) -> None:
        """Take over toggles by name; raises ValueError with a sentence and then changes nothing."""
        clean = {name: _clean(name, value) for name, value in changes.items()}
        for name, value in clean.items():
            setattr(self, name, value)

    def document(self) -> dict[str, object]:
        return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(self).items()}


NAMES = tuple(field.name for field in fields(Behaviour))


def _clean(name: str, value: object) -> object:
    if name not in NAMES:
        raise ValueError(f"There is no toggle {name!r}; known: {', '.join(NAMES)}.")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} cannot be {value!r}; choose one of {CHOICES[name]}.")
    if name in CHOICES:
        return value
    try:
        return _CLEANERS.get(name, _amount)(value)
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError(f"{name} cannot be {value!r}.") from None


def _amount(value: Any) -> float:
    number = float(value)
    if not number >= 0:
        raise ValueError
    return number


def _count(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError
    return value


def _speed(value: Any) -> float:
    number = float(value)
    if not number > 0:
        raise ValueError
    return number


def _slugs(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError
    return tuple(str(slug) for slug in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _money(value: Any) -> Decimal:
    return Decimal(str(value))


_CLEANERS: dict[str, Any] = {
    "speed_up": _speed,
    "rpm": int,
    "clock_offset": float,
    "spend_limit": lambda value: None if value is None else _money(value),
    "free_credits": _money,
    "account_exists": _flag,
    "cost_header": _flag,
    "forbidden": _slugs,
    "retired": _slugs,
    "history_loses": _slugs,
    "surcharge": _money,
    "history_parameters": _flag,
    "history_page": _count,
}
