"""Which of the next calls meet a fault: those that were scripted, then what the weather brings."""

from threading import Lock

from generations.emulator.faults.faults import Fault, Route, check
from generations.emulator.faults.weather import Weather


class Script:
    """Faults waiting for their calls, first in, first met; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self.weather: Weather | None = None

    def add(self, fault: Fault) -> None:
        """Raises ValueError with a sentence when the name, the route or an option is unknown."""
        check(fault)
        with self._lock:
            self._faults.append(fault)

    def take(self, route: Route) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._faults if route in fault.routes), None)
            if fault is not None:
                fault.times -= 1
                self._faults = [fault for fault in self._faults if fault.times > 0]
                return fault
            return self.weather.draw(route) if self.weather else None

    def clear(self) -> None:
        with self._lock:
            self._faults, self.weather = [], None

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)
