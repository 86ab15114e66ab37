"""One run per data directory: two would write the same broker file and the same emulator's books."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import CommandError

from generations.management.devserver.reaper import is_alive

FILE = "run.lock"
LAST_RUN_SECONDS = 30  # a killed run's children may take this long to end


class Occupancy:
    """The held lock; `descriptor` keeps it held for whoever inherits it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def announce(self, address: str) -> None:
        """Where the next one who tries will be sent."""
        os.pwrite(self.descriptor, f"{os.getpid()} {address}\n".encode(), 0)
        os.ftruncate(self.descriptor, len(f"{os.getpid()} {address}\n"))


@contextmanager
def occupy(directory: Path) -> Iterator[Occupancy]:
    """Raises CommandError when a run is alive there; waits for the remains of one that was killed."""
    descriptor = os.open(directory / FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for_lock(descriptor, directory)
        occupancy = Occupancy(descriptor)
        occupancy.announce("")
        yield occupancy
    finally:
        os.close(descriptor)


def occupant(directory: Path) -> tuple[int, str] | None:
    """Process id and address of the run that is alive there."""
    try:
        pid, _, address = (directory / FILE).read_text().strip().partition(" ")
    except FileNotFoundError:
        return None
    return (int(pid), address) if pid.isdigit() and is_alive(int(pid)) and not _is_free(directory) else None


def _wait_for_lock(descriptor: int, directory: Path) -> None:
    deadline = time.monotonic() + LAST_RUN_SECONDS
    while not _take(descriptor):
        if found := occupant(directory):
            raise CommandError(_refusal(directory, *found))
        if time.monotonic() > deadline:
            raise CommandError(f"What the last run left in {directory} does not end. See which processes hold {FILE}.")
        time.sleep(0.1)


def _refusal(directory: Path, pid: int, address: str) -> str:
    where = f" at {address}" if address else ""
    return (
        f"The gallery in {directory} is already running{where} (process {pid}). "
        f"Use that one, stop it (Ctrl-C there, or kill {pid}), or set DATA_DIR to another directory."
    )


def _is_free(directory: Path) -> bool:
    descriptor = os.open(directory / FILE, os.O_RDWR)
    try:
        return _take(descriptor)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
