"""The time that the site adds to the provider's, from the submit service to the row that the gallery lists.

The poll of the browser, every two seconds, is not included: on average it adds one second.
"""

import statistics
import time
from pathlib import Path

import requests
from django.conf import settings

from generations import schema
from generations.models import Generation
from generations.services.orders.submit import GenerationRequest, submit
from tests.bench.site import Site, running

COUNT = 200
SECONDS = 0.1
KEY = {"x-api-key": "SG_0123456789abcdef"}


def lines(rows: int):
    """Yield the overhead; one picture through the site and one bare call with a file write alternate 200 times."""
    with running(concurrency=8, seconds=SECONDS) as site:
        for _ in range(5):
            _through_the_site(site)
        pairs = [(_through_the_site(site), _bare(site)) for _ in range(COUNT)]
    ours, bare = ([one[side] * 1000 for one in pairs] for side in (0, 1))
    yield f"overhead, from submit to the finished row, median of {COUNT}", f"{statistics.median(ours):.0f} ms"
    yield "overhead, p95", f"{_p95(ours):.0f} ms"
    yield "overhead of a bare POST and file write, median", f"{statistics.median(bare):.1f} ms"
    yield "ratio of the medians", f"{statistics.median(ours) / statistics.median(bare):.1f}"
    yield "overhead as part of a 9.75 s picture, median", f"{statistics.median(ours) / 97.5:.2f} %"


def _through_the_site(site: Site) -> float:
    values, _ = schema.clean(schema.get(), {"prompt": "bench"})
    start = time.perf_counter()
    (generation,) = submit(actor=site.user, team=site.team, order=GenerationRequest(values))
    while not Generation.objects.filter(id=generation.id, state="done").exists():
        time.sleep(0.002)
    return time.perf_counter() - start - _provider_time(site, generation.attempts.get().request_id)


def _bare(site: Site) -> float:
    values, _ = schema.clean(schema.get(), {"prompt": "bench"})
    start = time.perf_counter()
    answer = requests.post(
        f"{site.emulator.url}/v1/hidream-l1-fast", json=schema.body(schema.get(), values), headers=KEY, timeout=30
    )
    (Path(settings.DATA_DIR) / "bare.webp").write_bytes(answer.content)
    return time.perf_counter() - start - _provider_time(site, answer.headers["x-request-id"])


def _provider_time(site: Site, request_id: str) -> float:
    """Return the seconds between the two entries of the provider's own ledger."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        at = {entry.kind: entry.at for entry in site.emulator.control.ledger if entry.request_id == request_id}
        if "DELIVERED" in at:
            return at["DELIVERED"] - at["RECEIVED"]
        time.sleep(0.005)
    raise RuntimeError(f"the emulator did not deliver {request_id}")


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
