"""The emulator as one object: start it, script it, stop it."""

import threading
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path

from generations.emulator.control import Control
from generations.emulator.server import Server
from generations.emulator.state.behaviour import Behaviour
from generations.emulator.state.provider import EmulatedProvider
from generations.schema import ParameterSchema

KEY = "SG_0123456789abcdef"
POLL_SECONDS = 0.05


class Emulator:
    """Segmind's HTTP on this machine; needs no network and no database.

    `balance` is US dollars and counts only for a new ledger file; `rpm` requests a minute; `speed_up` divides
    every wait. Port 0 takes a free one. `control` scripts faults and reads the ledger.
    """

    def __init__(
        self,
        schemas: Mapping[str, ParameterSchema],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Collection[str] = (KEY,),
        speed_up: float = 1.0,
        balance: Decimal = Decimal(25),
        rpm: int = 60,
        ledger: Path | None = None,
    ) -> None:
        behaviour = Behaviour(speed_up=speed_up, rpm=rpm)
        self.provider = EmulatedProvider(schemas, frozenset(keys), behaviour, balance, ledger)
        self.control = Control(self.provider, self._refuse)
        self._address = (host, port)
        self._lock = threading.Lock()
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; empty before the start."""
        return self.provider.url

    def start(self) -> "Emulator":
        """Listen; raises OSError when the port is taken."""
        with self._lock:
            self._open()
        return self

    def stop(self) -> None:
        """Stop listening and end the waiting calls uncharged. It cannot be started again."""
        self.provider.stop()
        with self._lock:
            self._close()

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _open(self) -> None:
        server = Server(self._address, self.provider, self.control)
        host, port = self._address = (self._address[0], server.server_port)
        self.provider.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="emulator", daemon=True).start()
        self._server = server

    def _close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _refuse(self, seconds: float) -> None:
        """Close the port now and open it again later, so that connecting is refused meanwhile."""
        with self._lock:
            self._close()
        threading.Thread(target=self._reopen, args=(seconds,), daemon=True).start()

    def _reopen(self, seconds: float) -> None:
        if not self.provider.stopping.wait(seconds):
            with self._lock:
                self._open()
