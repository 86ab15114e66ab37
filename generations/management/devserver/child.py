"""A child process: in a process group of its own, with a thread that reads its output.

Every line goes to a log file, only warnings and errors go to the terminal as well.
"""

import os
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from generations.management.devserver.reaper import TrackedProcess, send_signal

LEVEL = re.compile(r"\b(DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL)\b")
SHOWN_LEVELS = {"WARN", "WARNING", "ERROR", "CRITICAL"}
LEVEL_COLUMNS = 80  # further right the word belongs to the message
MAX_LOG_BYTES = 5_000_000
TAIL_LINES = 12
LAST_OUTPUT_SECONDS = 1.0


@dataclass(frozen=True)
class Program:
    """`grace` and `stop_order` are those of `TrackedProcess`. `secret_input` must not stand on a command line.

    `shown` chooses the lines for the terminal: all (True), none (False), or by their level (None).
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    grace: int = 10
    stop_order: int = 0
    shown: bool | None = None
    secret_input: bytes = b""


class Child:
    """A running program; `tail` keeps its last lines, which are shown when it dies."""

    def __init__(self, program: Program, log: Path, say: Callable[[str], None]) -> None:
        self.program, self.log, self._say = program, log, say
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            program.command,
            env=program.environment,
            stdin=subprocess.PIPE if program.secret_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        self.tracked = TrackedProcess(program.stop_order, self.process.pid, program.grace)
        self._reader = threading.Thread(target=self._read, args=[self.process.stdout], daemon=True)
        self._reader.start()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):  # it died before it read; its output says why
                self.process.stdin.write(program.secret_input)
                self.process.stdin.close()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def clean_up(self) -> None:
        """Kill what it left in its process group, and wait for the rest of the output."""
        send_signal(self.process.pid, signal.SIGKILL, group=True)
        # Bounded, since a process that left the group may keep the pipe open.
        self._reader.join(LAST_OUTPUT_SECONDS)

    def _read(self, output: IO[bytes]) -> None:
        is_loud = False
        with output:
            for raw in output:
                line = raw.decode(errors="replace").rstrip()
                with suppress(OSError):  # a full disk costs the log, not the site
                    self._write_to_log(line)
                self.tail.append(line)
                # A line without a level continues the one before, as in a traceback.
                if found := LEVEL.search(line[:LEVEL_COLUMNS]):
                    is_loud = found[1] in SHOWN_LEVELS
                if is_loud if self.program.shown is None else self.program.shown:
                    self._say(f"{self.program.name:>8} | {line}")

    def _write_to_log(self, line: str) -> None:
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            os.replace(self.log, self.log.with_suffix(".log.1"))
        with self.log.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
