"""Starts programs, restarts them when they end, and stops everything it started, whatever happens to itself.

Every child leads a process group of its own, so Ctrl-C reaches the supervisor alone, which then stops the children in
their order. When the supervisor itself is killed, the reaper stops them.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from generations.management.devserver import reaper
from generations.management.devserver.child import Child, Program

TICK_SECONDS = 0.1
MIN_RESTART_SECONDS, MAX_RESTART_SECONDS = 0.5, 30.0
HEALTHY_SECONDS = 30  # a program that ran this long is restarted without a long wait
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ShutdownRequested(Exception):
    """Raised when the supervisor is asked to stop; its `with` block swallows it."""


class Supervisor:
    """A context manager that stops every child on its way out.

    `stop_with_parent`: also stop when the process that started this one is gone.
    `keep_open`: file descriptors that stay open until the last child is gone, even when this process is killed.
    """

    def __init__(
        self,
        logs: Path,
        say: Callable[[str], None],
        *,
        verbose: bool = False,
        stop_with_parent: bool = False,
        keep_open: Sequence[int] = (),
    ) -> None:
        self.children: dict[str, Child] = {}
        self._logs, self._verbose, self._keep_open = logs, verbose, keep_open
        self._terminal: Callable[[str], None] | None = say
        self._terminal_lock = threading.Lock()
        self._parent = os.getppid() if stop_with_parent else None
        self._failures: dict[str, int] = {}
        self._restarts: dict[str, tuple[float, Program]] = {}
        self._stop_requests = 0

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        # What is ignored, as nohup does it, stays so.
        caught = [number for number in STOP_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._handlers = {number: signal.signal(number, self._on_signal) for number in caught}
        self._reaper = self._start_reaper()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._stop_children()
        self._reaper.communicate()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        return kind is ShutdownRequested

    def say(self, line: str) -> None:
        """Write a line to the terminal. A terminal that is gone is a reason to stop, not to fail."""
        with self._terminal_lock:
            try:
                if self._terminal is not None:
                    self._terminal(line)
            except OSError:
                self._terminal, self._stop_requests = None, max(self._stop_requests, 1)

    def start(self, program: Program) -> None:
        """Start a program that is restarted from now on whenever it ends."""
        self._spawn(replace(program, shown=True) if self._verbose else program)

    def complete(self, program: Program) -> int:
        """Run a program once, show its whole output and return its exit code. Raises ShutdownRequested."""
        child = self._spawn(replace(program, shown=True))
        self.run(until=lambda: child.process.returncode is not None, once=program.name)
        return child.process.returncode

    def run(self, until: Callable[[], bool], *, once: str = "") -> None:
        """Restart what ends, except `once`, until `until()` holds; it is asked often. Raises ShutdownRequested."""
        while not until():
            if self._stop_requests or (self._parent is not None and os.getppid() != self._parent):
                raise ShutdownRequested
            time.sleep(TICK_SECONDS)
            for child in self._collect():
                if child.program.name != once:
                    self._schedule_restart(child)
            for due_at, program in list(self._restarts.values()):
                if due_at <= time.monotonic():
                    self._restart(program)
            if self._reaper.poll() is not None:
                self._reaper = self._start_reaper()

    def _spawn(self, program: Program) -> Child:
        child = self.children[program.name] = Child(program, self._logs / f"{program.name}.log", self.say)
        self._update_reaper()
        return child

    def _collect(self) -> list[Child]:
        """Return the children that ended since the last call."""
        ended = [child for child in self.children.values() if child.has_ended()]
        for child in ended:
            child.clean_up()
            del self.children[child.program.name]
            self._update_reaper()
        return ended

    def _schedule_restart(self, child: Child) -> None:
        name, code = child.program.name, child.process.returncode
        was_healthy = time.monotonic() - child.started_at > HEALTHY_SECONDS
        self._failures[name] = 0 if was_healthy else self._failures.get(name, -1) + 1
        delay = min(MIN_RESTART_SECONDS * 2 ** self._failures[name], MAX_RESTART_SECONDS)
        self._restarts[name] = (time.monotonic() + delay, child.program)
        for line in child.tail:
            self.say(f"{name:>8} | {line}")
        ending = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped with exit code {code}"
        self.say(f"{name} {ending}; it starts again in {delay:g} s. Its whole output: {child.log}")

    def _restart(self, program: Program) -> None:
        del self._restarts[program.name]
        try:
            self.start(program)
        except OSError as error:
            # No memory or no process is left; the machine may have some later.
            self.say(f"{program.name} cannot be started ({error}); the next try is in {MAX_RESTART_SECONDS:g} s.")
            self._restarts[program.name] = (time.monotonic() + MAX_RESTART_SECONDS, program)

    def _stop_children(self) -> None:
        if self.children:
            self.say("Stopping; pictures that are being generated are finished first. Press Ctrl-C again to stop now.")
        reaper.stop_all([child.tracked for child in self.children.values()], self._wait_while_stopping)
        while self.children:
            self._wait_while_stopping()

    def _wait_while_stopping(self) -> bool:
        """Collect what has ended; return whether the user is in a hurry."""
        time.sleep(TICK_SECONDS)
        self._collect()
        return self._stop_requests > 1

    def _on_signal(self, *_: object) -> None:
        self._stop_requests += 1

    def _start_reaper(self) -> "subprocess.Popen[str]":
        """Start it with the children on its command line: a line that follows might never be written."""
        return subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, *self._reaper_arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            pass_fds=self._keep_open,
            start_new_session=True,
        )

    def _update_reaper(self) -> None:
        with suppress(BrokenPipeError):  # it was killed; `run` starts another one
            print(*self._reaper_arguments(), file=self._reaper.stdin, flush=True)

    def _reaper_arguments(self) -> Iterator[str]:
        return (":".join(map(str, child.tracked)) for child in self.children.values())
