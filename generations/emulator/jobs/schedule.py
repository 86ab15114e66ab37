"""A clock for all runs of v2: one thread starts what is due, however many wait."""

import heapq
import sys
import threading
import time
import traceback
from collections.abc import Callable
from itertools import count

Action = Callable[[], object]


class Schedule:
    """Actions run one after the other on the schedule's own thread and must be short."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Action]] = []
        self._number = count()
        self._thread: threading.Thread | None = None
        self._stopped = False

    def after(self, seconds: float, action: Action) -> None:
        """Real seconds. After `stop` nothing is taken any more."""
        with self._changed:
            if self._stopped:
                return
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), action))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self) -> None:
        while (action := self._next()) is not None:
            try:
                action()
            except Exception:  # noqa: BLE001  (a fault of the emulator itself: it is shown, the other runs go on)
                # What the stop cuts short is no fault.
                if not self._stopped:
                    traceback.print_exc(file=sys.stderr)

    def _next(self) -> Action | None:
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            return None
