"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

GAP = 0.02


def eventually(holds: Callable[[], object], seconds: float = 120) -> None:
    """Return as soon as `holds()` is true; fail when it still is not after `seconds`.

    The default is long because anything may take its time on a crowded machine.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(GAP)
