"""Places that are searched for the key: files, emails, databases as text, the broker, and command lines."""

import sqlite3
import subprocess
import threading
from collections.abc import Iterable
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import redis

from tests.infrastructure.postgres import Postgres
from tests.secret_scan.place import Place

GAP = 0.1
PROCESSES = Path("/proc")


def files(place: Place, folders: Iterable[Path]) -> None:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                place.read(path)


def mails(place: Place, folder: Path) -> None:
    """Search emails, raw and decoded."""
    for path in sorted(folder.glob("*.eml")):
        content = path.read_bytes()
        parts = [part.get_payload(decode=True) for part in message_from_bytes(content).walk()]
        place.look(path.name, content, *(part for part in parts if isinstance(part, bytes)))


def sqlite(place: Place, path: Path) -> None:
    """Search a dump line by line, because the database file splits long values between pages."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        for line in database.iterdump():
            place.look(line[:60], line.encode(errors="surrogatepass"))


def postgres(place: Place, server: Postgres, database: str = "gallery") -> None:
    """Search a dump line by line, because the files of the server compress long values."""
    command = [str(server.programs / "pg_dump"), "-h", server.host, "-p", str(server.port), "-U", "gallery", database]
    dump = subprocess.run(command, capture_output=True, check=True).stdout
    for line in dump.splitlines():
        place.look(line[:60].decode(errors="replace"), line)


def broker(place: Place, client: redis.Redis) -> None:
    client.config_set("rdbcompression", "no")
    for name in client.scan_iter():
        # DUMP returns a value of any type, as text when it is not compressed.
        place.look(f"redis key {name.decode(errors='replace')}", name, bytes(client.dump(name) or b""))


class CommandLines:
    """Command lines of all processes that start in this block; the environment is not searched."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._seen: set[tuple[str, bytes]] = set()
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look_on, name="command lines", daemon=True)

    def __enter__(self) -> "CommandLines":
        self._seen = set(self._now())
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()
        self._look()

    def _look_on(self) -> None:
        while not self._over.wait(GAP):
            self._look()

    def _look(self) -> None:
        for pid, line in self._now():
            if (pid, line) not in self._seen:
                self._seen.add((pid, line))
                self.place.look(f"command line of {pid}: {line[:40].decode(errors='replace')}", line)

    @staticmethod
    def _now() -> Iterable[tuple[str, bytes]]:
        for path in PROCESSES.glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if line:
                yield path.parent.name, line
