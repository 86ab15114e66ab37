"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

GAP = 0.02


def eventually(holds: Callable[[], object], seconds: float = 120) -> None:
    """Return as soon as it holds; fail when it still does not after so many seconds, which are many on purpose: on a
    crowded machine anything may take its time.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(GAP)
