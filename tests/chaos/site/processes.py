"""The processes of the site, each in its own process group, and a thread that restarts them."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from generations.management.devserver import reaper

TICK = 0.1
# systemd's RestartSec of docs/operations.md.
PAUSE = 1.0
# Seconds for a worker that was asked to stop to finish its calls; then it is killed.
GRACE = 15.0


class Process:
    """A process; `restarts` counts the starts after the first."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log = logs / f"{name}.log"
        self.restarts = -1
        self.asked: float | None = None
        self.died: float | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )
        self.restarts += 1
        self.asked = self.died = None

    def tell(self, number: signal.Signals, running: "subprocess.Popen[bytes] | None" = None) -> None:
        """Signal the whole group of the process, or of an earlier one; does nothing when it has ended."""
        process = running or self.running
        if process.poll() is None:
            reaper.send_signal(process.pid, number, group=True)

    def ask_to_stop(self) -> None:
        self.asked = time.monotonic()
        with suppress(ProcessLookupError):
            self.running.terminate()


class Wards:
    """A second process that kills the registered processes when this one is killed."""

    def __enter__(self) -> "Wards":
        self._pids: set[int] = set()
        self._process = subprocess.Popen([sys.executable, reaper.__file__], stdin=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def watch(self, process: "subprocess.Popen[bytes] | None") -> None:
        if process is not None:
            self._pids.add(process.pid)
            self._tell()

    def forget(self, process: "subprocess.Popen[bytes] | None") -> None:
        """Unregister a process, before its pid can belong to another one."""
        if process is not None:
            self._pids.discard(process.pid)
            self._tell()

    def _tell(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write((" ".join(f"0:{pid}:0" for pid in self._pids) + "\n").encode())
            self._process.stdin.flush()


class Family:
    """A context in which the processes run; it ends them in any case."""

    def __init__(self, members: Sequence[Process], wards: Wards) -> None:
        self.members = members
        self._wards = wards
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def __enter__(self) -> "Family":
        for member in self.members:
            self._start(member)
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._keeper.join()
        for member in self.members:
            member.tell(signal.SIGCONT)
            member.ask_to_stop()
        end = time.monotonic() + GRACE
        for member in self.members:
            with suppress(subprocess.TimeoutExpired):
                member.running.wait(max(0.0, end - time.monotonic()))
            reaper.send_signal(member.running.pid, signal.SIGKILL, group=True)
            member.running.wait()
            self._wards.forget(member.running)

    @property
    def restarts(self) -> int:
        return sum(member.restarts for member in self.members)

    def standing(self) -> str:
        """Return a sentence's part that says which processes run."""
        ended = [
            f"{one.name} (exit code {one.running.returncode})" for one in self.members if one.running.poll() is not None
        ]
        return f"{', '.join(ended)} ended" if ended else "all processes run"

    def _keep(self) -> None:
        while not self._ending.wait(TICK):
            for member in self.members:
                self._look_after(member)

    def _look_after(self, member: Process) -> None:
        now = time.monotonic()
        if member.running.poll() is None:
            if member.asked is not None and now - member.asked > GRACE:
                member.tell(signal.SIGKILL)
        elif member.died is None:
            member.died = now
            self._wards.forget(member.running)
        elif now - member.died >= PAUSE:
            self._start(member)

    def _start(self, member: Process) -> None:
        member.start()
        self._wards.watch(member.running)
