"""Looks for the provider's key where it must not be: files, logs, the database, the broker, command lines."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import redis

BLOCK = 1 << 20


def leaks(key: str, folders: Iterable[Path], broker: redis.Redis, pids: Iterable[int]) -> list[str]:
    """The places, each as text."""
    wanted = key.encode()
    found = [str(path) for folder in folders for path in _files(folder) if _holds(path, wanted)]
    return [*found, *_in_broker(wanted, broker), *_on_command_lines(wanted, pids)]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _holds(path: Path, wanted: bytes) -> bool:
    """Block by block, with an overlap as long as the key."""
    tail = b""
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                if wanted in tail + block:
                    return True
                tail = block[-len(wanted) :]
    except (FileNotFoundError, PermissionError):
        return False  # a database's file that went meanwhile
    return False


def _in_broker(wanted: bytes, broker: redis.Redis) -> Iterator[str]:
    broker.config_set("rdbcompression", "no")
    for name in broker.scan_iter():
        # DUMP holds a value of whatever type, as text when it is not compressed.
        value = broker.dump(name) or b""
        if wanted in name or wanted in bytes(value):
            yield f"redis key {name.decode(errors='replace')}"


def _on_command_lines(wanted: bytes, pids: Iterable[int]) -> Iterator[str]:
    for pid in pids:
        path = Path(f"/proc/{pid}/cmdline")
        if path.exists() and wanted in path.read_bytes():
            yield f"command line of {pid}"
