"""One running site per data directory: two would write the same broker file and the same ledger of the emulator."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import CommandError

from generations.management.devserver.reaper import is_alive

FILE = "run.lock"
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


def announce(descriptor: int, url: str) -> None:
    """Write down who holds the lock, so that a second run can name the address of the first."""
    text = f"{os.getpid()} {url}\n".encode()
    os.pwrite(descriptor, text, 0)
    os.ftruncate(descriptor, len(text))


def running_instance(directory: Path) -> tuple[int, str] | None:
    """Return the process id and the address of the run that is alive there."""
    try:
        with (directory / FILE).open("r+") as file:
            pid, _, url = file.read().strip().partition(" ")
            return (int(pid), url) if pid.isdigit() and is_alive(int(pid)) and not _try_lock(file.fileno()) else None
    except FileNotFoundError:
        return None


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
