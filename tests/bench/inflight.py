"""Sixty-four pictures in flight at once in one worker process; the provider takes ten seconds for each."""

import time
from pathlib import Path

from generations import schema
from generations.models import Generation
from generations.services.orders.submit import GenerationRequest, submit
from tests.bench.site import running

COUNT = 64
SECONDS = 10.0


def lines(rows: int):
    values, _ = schema.clean(schema.get(), {"prompt": "bench"})
    with running(concurrency=COUNT, seconds=SECONDS) as site:
        submit(actor=site.user, team=site.team, order=GenerationRequest(values))
        _finished(site.team, 1, 30)
        idle, peak = _memory(site.worker.pid), 0.0
        start = time.perf_counter()
        for _ in range(COUNT // 8):
            submit(actor=site.user, team=site.team, order=GenerationRequest(values, count=8))
        deadline = time.monotonic() + 120
        while not _finished(site.team, COUNT + 1, 0) and time.monotonic() < deadline:
            peak = max(peak, _memory(site.worker.pid))
            time.sleep(0.05)
        wall = time.perf_counter() - start
        calls = [entry for entry in site.emulator.control.ledger if entry.kind in {"RECEIVED", "CHARGED"}][2:]
    together = next(number for number, entry in enumerate(calls) if entry.kind == "CHARGED")
    ideal = max(entry.at for entry in calls) - calls[0].at
    yield f"{COUNT} pictures of about {SECONDS:.0f} s in one process: in flight at once", f"{together}"
    yield "wall time", f"{wall:.1f} s"
    yield "wall time ÷ ideal (from the first call to the last charge)", f"{wall / ideal:.2f}"
    yield "worker's memory, idle", f"{idle:.0f} MB"
    yield "worker's memory for each call in flight, at its peak", f"{(peak - idle) / COUNT:.2f} MB"


def _finished(team, count: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while Generation.objects.filter(team=team, state="done").count() < count:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _memory(pid: int) -> float:
    """Return the proportional set size of the process and its children, in megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_pss(one) for one in [str(pid), *children])


def _pss(pid: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
