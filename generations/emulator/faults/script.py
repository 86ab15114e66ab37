"""Which of the next requests meet a fault: those that were scripted come first, then the random ones."""

from threading import Lock

from generations.emulator.faults.random_faults import RandomFaults
from generations.emulator.faults.registry import Fault, check
from generations.emulator.requests.base import Route


class FaultScript:
    """Faults waiting for their requests, first in, first met; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self.random_faults: RandomFaults | None = None

    def add(self, fault: Fault) -> None:
        """Raises ValueError with a sentence when the name, the route or an option is unknown."""
        check(fault)
        with self._lock:
            self._faults.append(fault)

    def take(self, route: Route) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._faults if route in fault.routes), None)
            if fault is None:
                return self.random_faults.draw(route) if self.random_faults else None
            fault.times -= 1
            self._faults = [fault for fault in self._faults if fault.times > 0]
            return fault

    def clear(self) -> None:
        with self._lock:
            self._faults, self.random_faults = [], None

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)
