"""The provider's own ledger: what it received, charged and delivered, to be compared with the gallery's books."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Literal

# RECEIVED: a readable order arrived. Then REFUSED (free, `status` says why) or CHARGED, and DELIVERED each time all of
# the picture was handed to the socket: v1's answer, v2's file. BALANCE: somebody set the balance by hand.
Kind = Literal["RECEIVED", "REFUSED", "CHARGED", "DELIVERED", "BALANCE"]
Version = Literal["v1", "v2"]


@dataclass(frozen=True)
class Entry:
    """`at` is the emulator's clock, seconds since 1970; `cost` and `balance` (after this entry) are US dollars.

    `body_sha256` is of the bytes sent, in DELIVERED entries only. `fault` names what the call met, scripted or weather.
    `error` is why a run failed, empty for a call that was refused before it ran. `parameters` is the order as it was
    sent, in RECEIVED entries only.
    """

    kind: Kind
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


class Books:
    """Entries in memory and, with a path, as JSON lines that survive a restart or a kill of the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = Lock()
        self._path = path
        self._entries: list[Entry] = []
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            self._mend(path)
            self._entries = [_entry(line) for line in path.read_text(encoding="utf-8").splitlines()]

    @property
    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)

    def write(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(as_document(entry)) + "\n")

    def last_balance(self) -> Decimal | None:
        """The balance of the newest entry that states one; None in a new ledger."""
        return next((entry.balance for entry in reversed(self.entries) if entry.balance is not None), None)

    def _mend(self, path: Path) -> None:
        """Cut off a last line that a killed process left unfinished."""
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            path.write_bytes(whole)


def as_document(entry: Entry) -> dict[str, object]:
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(entry).items()}


def _entry(line: str) -> Entry:
    document = json.loads(line)
    balance = document["balance"]
    return Entry(
        **{
            **document,
            "cost": Decimal(document["cost"]),
            "balance": None if balance is None else Decimal(balance),
        }
    )
