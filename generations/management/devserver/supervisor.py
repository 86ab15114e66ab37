"""Starts programs, restarts what dies, and ends everything it started, whatever happens to itself.

One thread and no fork hooks: it waits on the children's pipes. Every child leads a process group of its own, so that
Ctrl-C reaches the supervisor alone, which then ends the children in order; `reaper` does it when the supervisor
cannot.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from generations.management.devserver import reaper
from generations.management.devserver.children import Child, Children, Program
from generations.management.devserver.console import Console, Say

TICK_SECONDS = 0.1
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
HEALTHY_SECONDS = 30  # who lived this long starts again without a long wait
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked the supervisor to stop; unwinds to its `with`, which swallows it."""


class Supervisor:
    """A context manager; leaving it, by whatever way, ends every child.

    `stop_with_parent`: also stop when the process that started this one is gone.
    `keep_open`: file descriptors that stay open until the last child is gone, even when this process is killed.
    """

    def __init__(
        self,
        logs: Path,
        say: Say,
        *,
        verbose: bool = False,
        stop_with_parent: bool = False,
        keep_open: Sequence[int] = (),
    ) -> None:
        self.logs = logs
        self.verbose = verbose
        self._terminal = say
        self._parent = os.getppid() if stop_with_parent else None
        self._keep_open = tuple(keep_open)
        self._children = Children()
        self._deaths: dict[str, int] = {}
        self._due: dict[str, tuple[float, Program]] = {}
        self._stops = 0
        self._handlers: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        for number in STOP_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup asks to be left alone
                self._handlers.append((number, signal.signal(number, self._on_signal)))
        self._undertaker = self._hire_undertaker()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._end_everything()
        self._undertaker.communicate()
        for number, handler in self._handlers:
            signal.signal(number, handler)  # type: ignore[arg-type]  # exactly what signal.signal returned
        return kind is Stopped

    def say(self, line: str) -> None:
        """A terminal that is gone is a reason to stop, not to fail."""
        try:
            self._terminal(line)
        except OSError:
            self._stops = max(self._stops, 1)
            self._terminal = _nobody_listens

    def start(self, program: Program) -> None:
        """From now on it is restarted whenever it ends."""
        self._spawn(program, wanted=True if self.verbose else False if program.silent else None)

    def complete(self, program: Program) -> int:
        """Runs a program once, shows all it says, and returns its exit code. Raises Stopped."""
        child = self._spawn(program, wanted=True)
        while program.name in self._children.by_name:
            self._turn(once=program.name)
        return child.process.returncode

    def run(self, until: Callable[[], bool]) -> None:
        """Looks after the children until `until()` holds, which is asked ten times a second. Raises Stopped."""
        while not until():
            self._turn()

    def pid(self, name: str) -> int | None:
        """None while it is not running."""
        child = self._children.by_name.get(name)
        return child.pid if child else None

    def _turn(self, once: str = "") -> None:
        if self._stops or (self._parent is not None and os.getppid() != self._parent):
            raise Stopped
        self._children.listen(TICK_SECONDS)
        for child in self._children.collect():
            self._enter_in_book(f"-{child.pid}")
            if child.program.name != once:
                self._plan_restart(child)
        for _, program in [entry for entry in self._due.values() if entry[0] <= time.monotonic()]:
            self._restart(program)
        if self._undertaker.poll() is not None:
            self._undertaker = self._hire_undertaker()

    def _spawn(self, program: Program, *, wanted: bool | None) -> Child:
        console = Console(program.name, self.logs / f"{program.name}.log", self.say, wanted=wanted)
        child = self._children.start(program, console)
        self._enter_in_book(_entry(child))
        return child

    def _plan_restart(self, child: Child) -> None:
        name = child.program.name
        self._deaths[name] = 0 if child.lived > HEALTHY_SECONDS else self._deaths.get(name, -1) + 1
        delay = min(FIRST_DELAY * 2 ** self._deaths[name], LONGEST_DELAY)
        self._due[name] = (time.monotonic() + delay, child.program)
        for line in child.console.tail:
            self.say(f"{name:>8} | {line}")
        how = _how_it_ended(child.process.returncode)
        self.say(f"{name} {how}; it starts again in {delay:g} s. All it said: {child.console.log}")

    def _restart(self, program: Program) -> None:
        del self._due[program.name]
        try:
            self.start(program)
        except OSError as error:
            # No memory or no process left: the machine may have some again later.
            self.say(f"{program.name} cannot be started ({error}); the next try is in {LONGEST_DELAY:g} s.")
            self._due[program.name] = (time.monotonic() + LONGEST_DELAY, program)

    def _end_everything(self) -> None:
        self._due.clear()
        children = list(self._children.by_name.values())
        if children:
            self.say("Stopping; a picture that is being drawn is waited for. Ctrl-C once more ends everything at once.")
        for foundation in (False, True):
            wave = [child for child in children if child.program.foundation is foundation]
            self._children.end(wave, hurried=lambda: self._stops > 1, tick=TICK_SECONDS)
        for child in children:
            self._enter_in_book(f"-{child.pid}")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stops += 1

    def _hire_undertaker(self) -> subprocess.Popen[str]:
        """It is born knowing everybody: a word that follows might never be said."""
        known = [_entry(child) for child in self._children.by_name.values()]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, *known],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            pass_fds=self._keep_open,
            start_new_session=True,
        )

    def _enter_in_book(self, line: str) -> None:
        book = self._undertaker.stdin
        if book is None:
            return
        try:
            book.write(line + "\n")
            book.flush()
        except BrokenPipeError:
            return  # it is gone; the next turn hires another that knows everything


def _entry(child: Child) -> str:
    return f"{child.pid} {child.program.grace} {int(child.program.foundation)}"


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped with exit code {code}"


def _nobody_listens(line: str) -> None:
    return
