"""Stops the children of a supervisor that was killed (SIGKILL, out of memory) and could not stop them itself.

Runs as a script with nothing but the standard library, so that it starts in milliseconds and stays small. Its arguments
are the processes to stop, each as `STOP_ORDER:PID:GRACE`. Each line of its standard input, a pipe that only the
supervisor holds, is a new list of them; the end of the file means that the supervisor is gone. Every process leads a
process group, so grandchildren are reached on every POSIX system.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import NamedTuple


class TrackedProcess(NamedTuple):
    """A lower `stop_order` is stopped first; `grace` is the number of seconds between SIGTERM and SIGKILL."""

    stop_order: int
    pid: int
    grace: int


def stop_all(processes: Iterable[TrackedProcess], wait: Callable[[], object]) -> None:
    """Stop the processes in their order. `wait` passes a moment; once it returns true, SIGKILL follows at once."""
    for _, members in groupby(sorted(processes), key=lambda process: process.stop_order):
        _stop(list(members), wait)


def _stop(processes: list[TrackedProcess], wait: Callable[[], object]) -> None:
    for process in processes:
        send_signal(process.pid, signal.SIGTERM)
    start, hurry = time.monotonic(), False
    while processes:
        waited = time.monotonic() - start
        for process in list(processes):
            if hurry or waited >= process.grace or not is_alive(process.pid):
                send_signal(process.pid, signal.SIGKILL, group=True)
                processes.remove(process)
        hurry = bool(processes and wait())


def send_signal(pid: int, number: signal.Signals, *, group: bool = False) -> None:
    """Signal a process or the process group it leads; do nothing if it is gone or its number is now another user's."""
    with suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def is_alive(pid: int) -> bool:
    """Return whether the process runs. A zombie does not: where no init collects it, it would seem to run for ever."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1] != "Z"
    except (ProcessLookupError, PermissionError):
        return False
    except OSError:
        return True  # no /proc on this system


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it has to outlive whatever ends the supervisor
    entries = sys.argv[1:]
    for line in sys.stdin:
        entries = line.split()
    stop_all([TrackedProcess(*map(int, entry.split(":"))) for entry in entries], lambda: time.sleep(0.05))
