"""Execution of the scheduled failures."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import redis

from generations.conf import conf
from tests.chaos.faults.schedule import Event
from tests.chaos.site.processes import Family, Process
from tests.chaos.site.stage import Stage
from tests.infrastructure.postgres import Postgres
from tests.infrastructure.valkey import Valkey

# Seconds for which a server stays away, and the disk full.
AWAY = 1.5
# Seconds beyond the lease, after which the sweeper takes the row.
FROZEN = 2.0


@dataclass
class FaultInjector:
    """The running schedule; `past` has each event, in seconds after the first submit."""

    stage: Stage
    family: Family
    say: Callable[[str], None]
    over: threading.Event = field(default_factory=threading.Event)
    past: list[tuple[float, str]] = field(default_factory=list)

    def run(self, events: Sequence[Event]) -> None:
        """Return when the last event has ended, or when `over` is set and everything runs again."""
        began = time.monotonic()
        threads = [threading.Thread(target=self._inject, args=(began, event), daemon=True) for event in events]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _inject(self, began: float, event: Event) -> None:
        if self.over.wait(max(0.0, began + event.at - time.monotonic())):
            return
        happened = time.monotonic() - began
        try:
            ACTS[event.kind](self, event)
        except Exception as error:  # noqa: BLE001  (a server that does not come back; the run has to say so and end)
            self.say(f"{event.kind}: {type(error).__name__}: {error}")
        self.past.append((happened, event.kind))

    def _workers(self) -> list[Process]:
        return [member for member in self.family.members if member.name.startswith("worker")]

    def _victim(self, event: Event) -> Process:
        workers = self._workers()
        return workers[event.victim % len(workers)]

    def kill_all(self, event: Event) -> None:
        for worker in self._workers():
            worker.tell(signal.SIGKILL)

    def kill_one(self, event: Event) -> None:
        self._victim(event).tell(signal.SIGKILL)

    def stop_one(self, event: Event) -> None:
        self._victim(event).ask_to_stop()

    def freeze(self, event: Event) -> None:
        """Stop a worker like a paused machine: it resumes with a lease that is no longer its own."""
        victim = self._victim(event)
        running = victim.running
        victim.tell(signal.SIGSTOP, running)
        self.over.wait(conf().lease_seconds + FROZEN)
        victim.tell(signal.SIGCONT, running)

    def kill_sweeper(self, event: Event) -> None:
        next(member for member in self.family.members if member.name == "sweeper").tell(signal.SIGKILL)

    def kill_redis(self, event: Event) -> None:
        self._crash(self.stage.broker, AWAY)

    def _crash(self, server: Valkey | Postgres, away: float) -> None:
        self.stage.wards.forget(server.process)
        server.kill()
        self.over.wait(away)
        server.start()
        self.stage.wards.watch(server.process)

    def flush_redis(self, event: Event) -> None:
        with suppress(redis.RedisError), self.stage.broker.client() as client:
            client.flushall()

    def kill_postgres(self, event: Event) -> None:
        if self.stage.database is not None:
            self._crash(self.stage.database, 0)

    def fill_disk(self, event: Event) -> None:
        disk = self.stage.disk
        if disk.fill is None or disk.empty is None:
            return
        pids = [member.running.pid for member in self.family.members]
        disk.fill(pids)
        try:
            self.over.wait(AWAY)
        finally:
            disk.empty(pids)


ACTS: dict[str, Callable[[FaultInjector, Event], None]] = {
    "kill every worker": FaultInjector.kill_all,
    "kill one worker": FaultInjector.kill_one,
    "ask one worker to stop": FaultInjector.stop_one,
    "freeze one worker beyond its lease": FaultInjector.freeze,
    "kill redis": FaultInjector.kill_redis,
    "flush redis": FaultInjector.flush_redis,
    "kill postgres": FaultInjector.kill_postgres,
    "kill the sweeper": FaultInjector.kill_sweeper,
    "fill the disk": FaultInjector.fill_disk,
}
