"""What a person sees of the children: every line goes to a log file, only warnings and errors to the terminal."""

import os
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path

LEVEL = re.compile(r"\b(DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL)\b")
LOUD = {"WARN", "WARNING", "ERROR", "CRITICAL"}
LEVEL_STANDS_WITHIN = 80  # characters: further right the word belongs to the message
LOG_BYTES = 5_000_000
TAIL_LINES = 12

Say = Callable[[str], None]


class Console:
    """One child's lines; `tail` keeps the last ones, to be shown when it dies.

    `wanted` says which lines are shown: all (True), none (False), or what its level asks for (None).
    """

    def __init__(self, name: str, log: Path, say: Say, *, wanted: bool | None = None) -> None:
        self.name = name
        self.log = log
        self.say = say
        self.wanted = wanted
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._rest = b""
        self._loud = False

    def feed(self, data: bytes) -> None:
        """Takes bytes as they come; a line is dealt with when it is complete."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip())

    def close(self) -> None:
        """The child is gone: what it wrote without a line's end counts too."""
        if self._rest:
            self.feed(b"\n")
        self._loud = False

    def _line(self, line: str) -> None:
        self._write(line)
        self.tail.append(line)
        loud = self._is_loud(line)
        if loud if self.wanted is None else self.wanted:
            self.say(f"{self.name:>8} | {line}")

    def _is_loud(self, line: str) -> bool:
        """A line without a level continues the one before it, as a traceback does."""
        found = LEVEL.search(line[:LEVEL_STANDS_WITHIN])
        if found:
            self._loud = found[1] in LOUD
        return self._loud

    def _write(self, line: str) -> None:
        try:
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                os.replace(self.log, self.log.with_suffix(".log.1"))
            with self.log.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError:
            return  # a full disk costs the log, not the site
