"""The control plane: faults, money, clock and toggles while the emulator runs, and what it saw so far."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from generations.emulator.account import ProviderEntry
from generations.emulator.behaviour import DEFAULTS
from generations.emulator.faults.script import FAULTS, REFUSED, Fault, FaultScript, parse_fault, parse_random_faults
from generations.emulator.provider import EmulatedProvider, LoggedRequest
from generations.emulator.requests.base import Route

VERBS = {"faults", "clear_faults", "balance", "top_up", "expire", "random_faults"}


class Control:
    """For tests in the same process, and behind `/__control__` for everybody else."""

    def __init__(self, provider: EmulatedProvider, refuse: Callable[[float], None]) -> None:
        self.script = FaultScript()
        self.behaviour = provider.behaviour
        self._provider = provider
        self._refuse = refuse

    def fault(self, name: str, times: int = 1, on: Route | None = None, **options: Any) -> None:
        """Let the next requests to a route meet a fault; raises ValueError with a sentence.

        Without `on` it is the paid call of either version, as far as it can meet this fault.

        `refused` takes `seconds` and acts at once: the port is closed for so long, calls under way go on.
        """
        if name == REFUSED:
            self._refuse(float(options.get("seconds", 2.0)))
        else:
            self.script.add(Fault(name, times, on, options))

    def clear(self) -> None:
        """Forget the faults that have not been met, and the random ones."""
        self.script.clear()

    @property
    def balance(self) -> Decimal:
        return self._provider.account.balance

    @balance.setter
    def balance(self, amount: Decimal) -> None:
        self._provider.account.change_balance(to=amount)

    def top_up(self, amount: Decimal) -> None:
        self._provider.account.change_balance(by=amount)

    def expire(self, amount: Decimal) -> None:
        """End a batch of credits unused."""
        self._provider.account.change_balance(by=-amount)

    @property
    def spent(self) -> Decimal:
        return self._provider.account.spent

    @property
    def reserved(self) -> Decimal:
        return self._provider.account.reserved

    @property
    def running(self) -> int:
        """How many jobs are under way; with v2 nobody has to wait for them."""
        return sum(job.ended_at is None for job in self._provider.jobs.newest_first())

    @property
    def journal(self) -> list[LoggedRequest]:
        """Every request to the provider's own routes, oldest first; the newest ten thousand are kept."""
        return list(self._provider.journal)

    @property
    def ledger(self) -> list[ProviderEntry]:
        return self._provider.ledger.entries

    def update(self, changes: Mapping[str, Any]) -> None:
        """Take the body of a PUT: the keys of VERBS, and toggles. Raises ValueError with a sentence."""
        money = {name: _money(name, changes[name]) for name in ("balance", "top_up", "expire") if name in changes}
        document = changes.get("random_faults")
        random_faults = None if document is None else parse_random_faults(document)
        self.behaviour.change({name: value for name, value in changes.items() if name not in VERBS})
        if changes.get("clear_faults"):
            self.clear()
        if "random_faults" in changes:
            self.script.random_faults = random_faults
        faults = changes.get("faults", ())
        for fault in faults if isinstance(faults, list | tuple) else [faults]:
            parsed = parse_fault(fault, "times", "on")
            self.fault(parsed.name, parsed.times, parsed.on, **parsed.options)
        if "balance" in money:
            self.balance = money["balance"]
        if "top_up" in money or "expire" in money:
            self.top_up(money.get("top_up", Decimal(0)) - money.get("expire", Decimal(0)))

    def state(self) -> dict[str, object]:
        """Return the answer to a GET."""
        random_faults = self.script.random_faults
        return {
            "balance": str(self.balance),
            "reserved": str(self.reserved),
            "spent": str(self.spent),
            "running": self.running,
            "behaviour": self.behaviour.document(),
            "faults": [asdict(fault) for fault in self.script.waiting()],
            "random_faults": random_faults and random_faults.document(),
            "known_faults": [*FAULTS, REFUSED],
            "known_toggles": list(DEFAULTS),
            "models": sorted(schema.slug for schema in self._provider.schemas.values()),
            "journal": [{**asdict(one), "body": one.body.decode("utf-8", "replace")} for one in self.journal],
            "ledger": [entry.document() for entry in self.ledger],
        }


def _money(name: str, value: object) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise ValueError(f"{name} cannot be {value!r}; give US dollars such as 25.00.")
    return amount
