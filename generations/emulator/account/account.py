"""The one account behind all keys: balance, reservations and the minute window of the rate limit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock

from generations.emulator.account.books import Books, Entry

WINDOW = 60


@dataclass(frozen=True)
class Admission:
    """One request seen by the rate limit; the window is the UTC minute."""

    allowed: bool
    remaining: int
    reset_at: str


@dataclass(frozen=True)
class Charge:
    """The account's balance around one charge, US dollars."""

    before: Decimal
    after: Decimal

    @property
    def taken(self) -> Decimal:
        return self.before - self.after


class Account:
    """Thread-safe. Money is taken once, at completion; until then an estimate is reserved."""

    def __init__(self, balance: Decimal, books: Books, clock: Callable[[], float]) -> None:
        self._lock = Lock()
        self._books = books
        self._clock = clock
        self._reserved: dict[str, Decimal] = {}
        self._window = 0
        self._count = 0
        kept = books.last_balance()
        self._balance = balance if kept is None else kept
        self._spent = sum((entry.cost for entry in books.entries), Decimal(0))

    @property
    def balance(self) -> Decimal:
        with self._lock:
            return self._balance

    @property
    def reserved(self) -> Decimal:
        with self._lock:
            return sum(self._reserved.values(), Decimal(0))

    @property
    def spent(self) -> Decimal:
        with self._lock:
            return self._spent

    def set_balance(self, amount: Decimal) -> None:
        with self._lock:
            self._balance = amount
            self._books.write(Entry("BALANCE", self._clock(), balance=amount))

    def change_balance(self, amount: Decimal) -> None:
        """Money comes in, or goes without a call: a batch of credits expires."""
        with self._lock:
            self._balance += amount
            self._books.write(Entry("BALANCE", self._clock(), balance=self._balance))

    def admit(self, per_minute: int) -> Admission:
        """Count one request against the current minute."""
        now = int(self._clock())
        with self._lock:
            if now // WINDOW != self._window:
                self._window, self._count = now // WINDOW, 0
            allowed = self._count < per_minute
            self._count += allowed
            return Admission(allowed, max(per_minute - self._count, 0), stamp((now // WINDOW + 1) * WINDOW))

    def reserve(self, request_id: str, estimate: Decimal) -> bool:
        """False when what is not reserved yet does not cover the estimate: concurrency alone can refuse a call."""
        with self._lock:
            if self._balance - sum(self._reserved.values(), Decimal(0)) < estimate:
                return False
            self._reserved[request_id] = estimate
            return True

    def release(self, request_id: str) -> None:
        with self._lock:
            self._reserved.pop(request_id, None)

    def charge(self, entry: Entry) -> Charge:
        """Take `entry.cost`, give the reservation back and write the entry with the new balance."""
        with self._lock:
            self._reserved.pop(entry.request_id, None)
            before = self._balance
            self._balance -= entry.cost
            self._spent += entry.cost
            self._books.write(Entry(**{**vars(entry), "balance": self._balance}))
            return Charge(before, self._balance)


def stamp(seconds: float) -> str:
    """The vendor's way to write a moment: UTC, a space in place of T, no zone."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
