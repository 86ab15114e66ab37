"""One running site per data directory: two would write the same broker file and the same ledger of the emulator."""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from django.core.management import CommandError

from generations.management.devserver.reaper import is_alive

FILE = "run.lock"
SECRET_KEY_FILE = "secret_key"  # noqa: S105  (its name)
MAX_WAIT_SECONDS = 30  # the children of a killed run may take this long to end


@contextmanager
def instance_lock(directory: Path) -> Iterator[int]:
    """Hold the lock of the directory and yield its descriptor: while any process has it open, the lock is held.

    Waits for the remains of a killed run. Raises CommandError when a run is alive there.
    """
    descriptor = os.open(directory / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for_lock(descriptor, directory)
        announce(descriptor, "")
        yield descriptor
    finally:
        os.close(descriptor)


def announce(descriptor: int, url: str, variables: Mapping[str, str] | None = None) -> None:
    """Write down who holds the lock, for a second run, and its `variables`, for the commands beside it."""
    lines = [f"{os.getpid()} {url}", *(f"{name}={value}" for name, value in (variables or {}).items())]
    text = "".join(f"{line}\n" for line in lines).encode()
    os.pwrite(descriptor, text, 0)
    os.ftruncate(descriptor, len(text))


def running_instance(directory: Path) -> tuple[int, str] | None:
    """Return the process id and the address of the run that is alive there."""
    try:
        with (directory / FILE).open("r+") as file:
            pid, _, url = file.readline().strip().partition(" ")
            return (int(pid), url) if pid.isdigit() and is_alive(int(pid)) and not _try_lock(file.fileno()) else None
    except FileNotFoundError:
        return None


def use_addresses(directory: Path, env: MutableMapping[str, str]) -> None:
    """Let `env` name what the run that is alive there has chosen: its addresses and its secret key.

    What `env` names already stays. With a key of its own, a command asks Segmind and not the emulator of the run.
    """
    try:
        if running_instance(directory) is None:
            return
        lines = (directory / FILE).read_text(encoding="utf-8").splitlines()[1:]
        chosen = dict(line.split("=", 1) for line in lines)
        if (key := directory / SECRET_KEY_FILE).exists():
            chosen["DJANGO_SECRET_KEY"] = key.read_text(encoding="ascii").strip()
    except OSError:
        return  # another user's site
    if env.get("SEGMIND_API_KEY"):
        chosen.pop("SEGMIND_BASE_URL", None)
    for name, value in chosen.items():
        env[name] = env.get(name) or value


def _wait_for_lock(descriptor: int, directory: Path) -> None:
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while not _try_lock(descriptor):
        if found := running_instance(directory):
            pid, url = found
            raise CommandError(
                f"The gallery in {directory} is already running{url and f' at {url}'} (process {pid}). Use that one, "
                f"stop it (Ctrl-C there, or kill {pid}), or set DATA_DIR to another directory."
            )
        if time.monotonic() > deadline:
            raise CommandError(f"What the last run left in {directory} does not end. See which processes hold {FILE}.")
        time.sleep(0.1)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
