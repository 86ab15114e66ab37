"""Ends what a supervisor left behind when it died without a word (kill -9, out of memory).

Runs as a script of its own with nothing but the standard library, so that it starts in milliseconds and stays small.
Each argument says `PID GRACE WAVE`. Its standard input is a pipe that only the supervisor holds: each line says that
or `-PID`; the end of the file means that the supervisor is gone. It works on every POSIX system and reaches
grandchildren, since each PID leads a process group.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

TICK_SECONDS = 0.05


class Ward(NamedTuple):
    """`wave` 0 is ended first; `grace` seconds lie between SIGTERM and SIGKILL."""

    wave: int
    pid: int
    grace: float


def read_wards(lines: Iterable[str]) -> list[Ward]:
    wards: dict[int, Ward] = {}
    for line in lines:
        first, *rest = line.split()
        if rest:
            wards[int(first)] = Ward(wave=int(rest[1]), pid=int(first), grace=float(rest[0]))
        else:
            wards.pop(-int(first), None)
    return sorted(wards.values())


def end(wards: list[Ward]) -> None:
    for _, members in groupby(wards, key=lambda ward: ward.wave):
        _end_wave(list(members))


def _end_wave(wards: list[Ward]) -> None:
    began = time.monotonic()
    for ward in wards:
        tell(ward.pid, signal.SIGTERM)
    for ward in wards:
        while is_alive(ward.pid) and time.monotonic() - began < ward.grace:
            time.sleep(TICK_SECONDS)
        tell_group(ward.pid, signal.SIGKILL)


def tell(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # it ended by itself, or its number belongs to somebody else by now


def tell_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def is_alive(pid: int) -> bool:
    """False for a zombie too: where no init collects them they would look alive for ever."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""  # no /proc on this system


if __name__ == "__main__":
    for deaf in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(deaf, signal.SIG_IGN)  # it has to outlive whatever ends the supervisor
    end(read_wards(chain(sys.argv[1:], sys.stdin)))
