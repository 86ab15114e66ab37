"""What a scripted fault may do with the call it spoils."""

from typing import Protocol

from generations.emulator.http.reply import Reply


class Stopped(Exception):
    """The emulator is being stopped; whoever waits gives up without charging."""


class Job(Protocol):
    id: str

    def finish(self) -> Reply:
        """Do what would have been done without the fault: check, wait, draw, charge."""

    def fail(self, text: str) -> None:
        """Let the history list a failed run, free of charge; nothing when the job is no paid call."""

    def wait(self, seconds: float) -> None:
        """Undivided seconds; raises Stopped."""

    def now(self) -> float:
        """The emulator's clock, seconds since 1970."""

    def publish(self, content_type: str, content: bytes) -> str:
        """Put a file on the files route; returns its address."""
