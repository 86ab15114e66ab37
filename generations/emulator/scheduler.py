"""A clock for all jobs of v2: one thread starts what is due, however many wait."""

import sched
import sys
import threading
import time
import traceback
from collections.abc import Callable


class Scheduler:
    """Actions run one after the other on the scheduler's own thread and must be short."""

    def __init__(self) -> None:
        self._events = sched.scheduler(time.monotonic)
        self._changed = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self._thread.start()

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        """Run `action` in so many real seconds, unless `stop` comes first."""
        self._events.enter(seconds, 0, self._start, (action,))
        self._changed.set()

    def stop(self) -> None:
        self._stopped = True
        self._changed.set()

    def _run(self) -> None:
        while not self._stopped:
            self._changed.clear()
            self._changed.wait(self._events.run(blocking=False))

    def _start(self, action: Callable[[], object]) -> None:
        try:
            if not self._stopped:
                action()
        except Exception:  # noqa: BLE001  (a fault of the emulator itself: it is shown, the other jobs go on)
            # What the stop cuts short is no fault.
            if not self._stopped:
                traceback.print_exc(file=sys.stderr)
