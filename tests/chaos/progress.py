"""What a run waits for at the moment, so that one that is given up says so."""

from collections.abc import Mapping


class TimeUp(RuntimeError):
    """The run exceeded its time."""


class Progress:
    def __init__(self) -> None:
        self.waits_for = "its servers"

    def given_up(self, details: str = "") -> TimeUp:
        return TimeUp(f"Given up while waiting for {self.waits_for}{details and f': {details}'}.")


progress = Progress()


def listed(open_things: Mapping[str, int]) -> str:
    """Return what is open, such as `2 orders that are queued, 1 answer that is not stored`."""
    return ", ".join(f"{count} {name}" for name, count in open_things.items() if count)
