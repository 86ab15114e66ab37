"""What the emulated provider received, charged and delivered, to be compared with the gallery's own ledger."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Literal

# RECEIVED: a readable request arrived. Then REFUSED (free, `status` says why) or CHARGED, and DELIVERED each time all
# of the picture was handed to the socket: v1's answer, v2's file. BALANCE: the balance changed without a call.
EntryKind = Literal["RECEIVED", "REFUSED", "CHARGED", "DELIVERED", "BALANCE"]
Version = Literal["v1", "v2"]


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


class ProviderLedger:
    """Entries in memory and, with a path, as JSON lines that survive a restart or a kill of the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = Lock()
        self._path = path
        self._entries: list[ProviderEntry] = []
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        # A killed process may have left its last line unfinished.
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
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
                    file.write(json.dumps(as_document(entry)) + "\n")


def as_document(entry: ProviderEntry) -> dict[str, object]:
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(entry).items()}


def _entry(document: dict[str, object]) -> ProviderEntry:
    amounts = {name: Decimal(str(document[name])) for name in ("cost", "balance") if document[name] is not None}
    return ProviderEntry(**{**document, **amounts})  # type: ignore[arg-type]  # written by `as_document`
