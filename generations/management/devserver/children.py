"""Child processes in process groups of their own: started, listened to, ended."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from generations.management.devserver.console import Console
from generations.management.devserver.reaper import tell_group


@dataclass(frozen=True)
class Program:
    """`grace`: seconds between SIGTERM and SIGKILL. `secret_input` is what must not stand on a command line.

    A `foundation` carries the others: it is ended after them. What a `silent` one says goes to its log only.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    grace: float = 10
    foundation: bool = False
    silent: bool = False
    secret_input: bytes = b""


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    console: Console
    started: float = field(default_factory=time.monotonic)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def lived(self) -> float:
        return time.monotonic() - self.started


class Children:
    """All of them by name; `listen` is the one place where time passes."""

    def __init__(self) -> None:
        self.by_name: dict[str, Child] = {}
        self._selector = selectors.DefaultSelector()

    def start(self, program: Program, console: Console) -> Child:
        process = subprocess.Popen(
            program.command,
            env=program.environment,
            stdin=subprocess.PIPE if program.secret_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        child = Child(program, process, console)
        self.by_name[program.name] = child
        os.set_blocking(_output(child).fileno(), False)
        self._selector.register(_output(child), selectors.EVENT_READ, child)
        _hand_over(process, program.secret_input)
        return child

    def listen(self, seconds: float) -> None:
        """Takes what the children say for at most this long."""
        events = self._selector.select(seconds)
        if not self._selector.get_map():
            time.sleep(seconds)  # nobody left to listen to, and select does not wait for nothing
        for key, _ in events:
            if not _read(key.data):
                self._selector.unregister(key.fileobj)

    def collect(self) -> list[Child]:
        """Those that ended since the last time, with their last words read and their own children killed."""
        ended = [child for child in self.by_name.values() if child.process.poll() is not None]
        for child in ended:
            tell_group(child.pid, signal.SIGKILL)
            _read(child)
            child.console.close()
            self._forget(child)
        return ended

    def end(self, wave: Sequence[Child], *, hurried: Callable[[], bool], tick: float) -> None:
        """SIGTERM, each child's grace, SIGKILL; `hurried` cuts the grace short."""
        for child in wave:
            child.process.terminate()
        began = time.monotonic()
        while self.collect() or any(child.process.returncode is None for child in wave):
            waited = time.monotonic() - began
            for child in wave:
                if child.process.returncode is None and (hurried() or waited > child.program.grace):
                    tell_group(child.pid, signal.SIGKILL)
            self.listen(tick)

    def _forget(self, child: Child) -> None:
        output = _output(child)
        if output in self._selector.get_map():
            self._selector.unregister(output)
        output.close()
        del self.by_name[child.program.name]


def _output(child: Child) -> IO[bytes]:
    if child.process.stdout is None:
        raise ValueError(f"{child.program.name} was started without a pipe.")
    return child.process.stdout


def _hand_over(process: subprocess.Popen[bytes], secret: bytes) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(secret)
        process.stdin.close()
    except BrokenPipeError:
        return  # it died before it listened; `collect` tells why


def _read(child: Child) -> bool:
    """False when the pipe has ended."""
    while True:
        try:
            data = os.read(_output(child).fileno(), 65536)
        except BlockingIOError:
            return True
        if not data:
            return False
        child.console.feed(data)
