"""The control plane: faults, money, clock and toggles while the emulator runs, and what it saw so far."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from generations.emulator.account.books import Entry, as_document
from generations.emulator.faults.faults import FAULTS, REFUSED, Fault, Route
from generations.emulator.faults.weather import Weather, forecast
from generations.emulator.state.behaviour import NAMES, Behaviour
from generations.emulator.state.vendor import Request, Vendor

VERBS = {"faults", "clear_faults", "balance", "top_up", "expire", "weather"}


class Control:
    """For tests in the same process, and behind `/__control__` for everybody else."""

    def __init__(self, vendor: Vendor, refuse: Callable[[float], None]) -> None:
        self._vendor = vendor
        self._refuse = refuse

    def fault(self, name: str, times: int = 1, on: Route | None = None, **options: Any) -> None:
        """Let the next calls of a route meet a fault; raises ValueError with a sentence.

        Without `on` it is the paid call of either version, as far as it can meet this fault.

        `refused` takes `seconds` and acts at once: the port is closed for so long, calls under way go on.
        """
        if name == REFUSED:
            self._refuse(float(options.get("seconds", 2.0)))
        else:
            self._vendor.script.add(Fault(name, times, on, options))

    def clear(self) -> None:
        """Forget the faults that have not been met, and the weather."""
        self._vendor.script.clear()

    @property
    def weather(self) -> Weather | None:
        return self._vendor.script.weather

    @weather.setter
    def weather(self, weather: Weather | None) -> None:
        self._vendor.script.weather = weather

    @property
    def behaviour(self) -> Behaviour:
        return self._vendor.behaviour

    @property
    def balance(self) -> Decimal:
        return self._vendor.account.balance

    @balance.setter
    def balance(self, amount: Decimal) -> None:
        self._vendor.account.set_balance(amount)

    def top_up(self, amount: Decimal) -> None:
        self._vendor.account.change_balance(amount)

    def expire(self, amount: Decimal) -> None:
        """A batch of credits ends unused."""
        self._vendor.account.change_balance(-amount)

    @property
    def spent(self) -> Decimal:
        return self._vendor.account.spent

    @property
    def reserved(self) -> Decimal:
        return self._vendor.account.reserved

    @property
    def running(self) -> int:
        """Runs that are under way; with v2 nobody has to wait for them."""
        return sum(run.ended_at is None for run in self._vendor.runs.newest_first())

    @property
    def journal(self) -> list[Request]:
        """Every request to the vendor's own routes, oldest first; the newest ten thousand are kept."""
        return list(self._vendor.journal)

    @property
    def ledger(self) -> list[Entry]:
        return self._vendor.books.entries

    def update(self, wishes: Mapping[str, Any]) -> None:
        """The body of a PUT: `faults`, `weather`, `clear_faults`, `balance`, `top_up`, `expire` and toggles.

        Raises ValueError with a sentence.
        """
        toggles = {name: value for name, value in wishes.items() if name not in VERBS}
        money = {name: _money(name, wishes[name]) for name in ("balance", "top_up", "expire") if name in wishes}
        weather = forecast(wishes["weather"]) if wishes.get("weather") is not None else None
        self.behaviour.change(toggles)
        if wishes.get("clear_faults"):
            self.clear()
        if "weather" in wishes:
            self.weather = weather
        faults = wishes.get("faults", ())
        for wish in faults if isinstance(faults, list | tuple) else [faults]:
            self._add(wish)
        if "balance" in money:
            self.balance = money["balance"]
        if "top_up" in money:
            self.top_up(money["top_up"])
        if "expire" in money:
            self.expire(money["expire"])

    def state(self) -> dict[str, object]:
        """The answer to a GET."""
        return {
            "balance": str(self.balance),
            "reserved": str(self.reserved),
            "spent": str(self.spent),
            "running": self.running,
            "behaviour": self.behaviour.document(),
            "faults": [asdict(fault) for fault in self._vendor.script.waiting()],
            "weather": self.weather and self.weather.document(),
            "known_faults": [*FAULTS, REFUSED],
            "known_toggles": list(NAMES),
            "models": sorted(schema.slug for schema in self._vendor.schemas.values()),
            "journal": [_journal_line(request) for request in self.journal],
            "ledger": [as_document(entry) for entry in self.ledger],
        }

    def _add(self, wish: object) -> None:
        if isinstance(wish, str):
            wish = {"name": wish}
        if (
            not isinstance(wish, dict)
            or not {"name"} <= set(wish) <= {"name", "times", "on", "options"}
            or not isinstance(wish.get("options", {}), dict)
        ):
            raise ValueError('A fault is a name, or {"name": …, "times": 1, "on": "v1", "options": {…}}.')
        self.fault(wish["name"], wish.get("times", 1), wish.get("on"), **wish.get("options", {}))


def _money(name: str, value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{name} cannot be {value!r}; give US dollars such as 25.00.") from None
    if not amount.is_finite():
        raise ValueError(f"{name} cannot be {value!r}; give US dollars such as 25.00.")
    return amount


def _journal_line(request: Request) -> dict[str, object]:
    return {**asdict(request), "body": request.body.decode("utf-8", "replace")}
