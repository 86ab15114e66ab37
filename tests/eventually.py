"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

GAP = 0.02


def eventually(holds: Callable[[], object], seconds: float = 20) -> None:
    """Returns as soon as it holds; fails when it still does not after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(GAP)
