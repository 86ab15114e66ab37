"""The one account behind all keys: balance, reservations and the minute window of the rate limit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Lock

from generations.emulator.account.ledger import ProviderEntry, ProviderLedger

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class RateLimitResult:
    """One request counted against the current UTC minute, which ends at `reset_at` (seconds since 1970)."""

    allowed: bool
    remaining: int
    reset_at: int


@dataclass(frozen=True)
class Charge:
    """The account's balance around one charge, US dollars."""

    before: Decimal
    after: Decimal


class Account:
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

    def count_request(self, per_minute: int) -> RateLimitResult:
        now = int(self._clock())
        with self._lock:
            if now // WINDOW_SECONDS != self._window:
                self._window, self._count = now // WINDOW_SECONDS, 0
            allowed = self._count < per_minute
            self._count += allowed
            reset_at = (now // WINDOW_SECONDS + 1) * WINDOW_SECONDS
            return RateLimitResult(allowed, max(per_minute - self._count, 0), reset_at)

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
