"""The one account behind all keys, and the ledger to be compared with the gallery's own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Literal, NamedTuple

# RECEIVED: a readable request arrived. Then REFUSED (free, `status` says why) or CHARGED, and DELIVERED each time all
# of the picture was handed to the socket: v1's answer, v2's file. BALANCE: the balance changed without a call.
EntryKind = Literal["RECEIVED", "REFUSED", "CHARGED", "DELIVERED", "BALANCE"]
Version = Literal["v1", "v2"]
WINDOW_SECONDS = 60


@dataclass(frozen=True)
class ProviderEntry:
    """`at` is the emulator's clock, seconds since 1970; `cost` and `balance` (after this entry) are US dollars.

    `body_sha256` is of the bytes sent, in DELIVERED entries only. `fault` names the fault that the call met.
    `error` is why a job failed, empty for a call that was refused before it ran. `parameters` is the request as it was
    sent, in RECEIVED entries only.
    """

    kind: EntryKind
    at: float
    request_id: str = ""
    slug: str = ""
    seed: int | None = None
    prompt_sha256: str = ""
    status: int = 0
    cost: Decimal = Decimal(0)
    balance: Decimal | None = None
    body_sha256: str = ""
    fault: str = ""
    version: Version = "v1"
    error: str = ""
    parameters: Mapping[str, object] | None = None

    def document(self) -> dict[str, object]:
        return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(self).items()}


class ProviderLedger:
    """Entries in memory and, with a path, as JSON lines that survive a restart or a kill of the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = Lock()
        self._path = path
        self._entries: list[ProviderEntry] = []
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_bytes() if path.exists() else b""
            # A killed process may have left its last line unfinished.
            whole = content[: content.rfind(b"\n") + 1]
            path.write_bytes(whole)
            self._entries = [_entry(json.loads(line)) for line in whole.decode().splitlines()]

    @property
    def entries(self) -> list[ProviderEntry]:
        with self._lock:
            return list(self._entries)

    def write(self, entry: ProviderEntry) -> None:
        with self._lock:
            self._entries.append(entry)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(entry.document()) + "\n")


class Charge(NamedTuple):
    """The account's balance around one charge, US dollars."""

    before: Decimal
    after: Decimal


class ProviderAccount:
    """Thread-safe. Money is taken once, at completion; until then an estimate is reserved."""

    def __init__(self, balance: Decimal, ledger: ProviderLedger, clock: Callable[[], float]) -> None:
        self._lock = Lock()
        self._ledger = ledger
        self._clock = clock
        self._reserved: dict[str, Decimal] = {}
        self._window = 0
        self._count = 0
        entries = ledger.entries
        self.balance = next((entry.balance for entry in reversed(entries) if entry.balance is not None), balance)
        self.spent = sum((entry.cost for entry in entries), Decimal(0))

    @property
    def reserved(self) -> Decimal:
        with self._lock:
            return sum(self._reserved.values(), Decimal(0))

    def change_balance(self, *, to: Decimal | None = None, by: Decimal = Decimal(0)) -> None:
        """Set the balance, or let money come in or expire without a call."""
        with self._lock:
            self.balance = (self.balance if to is None else to) + by
            self._ledger.write(ProviderEntry("BALANCE", self._clock(), balance=self.balance))

    def count_request(self, per_minute: int) -> tuple[bool, int, int]:
        """Count against the UTC minute; return whether it is allowed, how many remain, and the minute's end."""
        minute = int(self._clock()) // WINDOW_SECONDS
        with self._lock:
            if minute != self._window:
                self._window, self._count = minute, 0
            allowed = self._count < per_minute
            self._count += allowed
            return allowed, max(per_minute - self._count, 0), (minute + 1) * WINDOW_SECONDS

    def reserve(self, request_id: str, estimate: Decimal) -> bool:
        """Return False when what is not reserved yet does not cover the estimate."""
        with self._lock:
            if self.balance - sum(self._reserved.values(), Decimal(0)) < estimate:
                return False
            self._reserved[request_id] = estimate
            return True

    def release(self, request_id: str) -> None:
        with self._lock:
            self._reserved.pop(request_id, None)

    def charge(self, entry: ProviderEntry) -> Charge:
        """Take `entry.cost`, give the reservation back and write the entry with the new balance."""
        with self._lock:
            self._reserved.pop(entry.request_id, None)
            charge = Charge(self.balance, self.balance - entry.cost)
            self.balance = charge.after
            self.spent += entry.cost
            self._ledger.write(replace(entry, balance=charge.after))
            return charge


def _entry(document: dict[str, object]) -> ProviderEntry:
    amounts = {name: Decimal(str(document[name])) for name in ("cost", "balance") if document[name] is not None}
    return ProviderEntry(**{**document, **amounts})  # type: ignore[arg-type]  # written by `document`
