"""Generations with every outcome in which an answer of the provider may carry the key.

Imported after django.setup().
"""

import time
from collections.abc import Callable
from typing import Any

import requests

from generations.models import Generation, ProviderPause, State
from tests.chaos.site.provider import Provider
from tests.secret_scan.place import PREFIX
from tests.secret_scan.visitor import Visitor

PATIENCE = 60.0
LOOK = 0.1
Fault = dict[str, Any]


def faults(key: str) -> dict[str, list[Fault]]:
    """Return the faults by the API version whose calls meet them; those without text cannot carry the key."""
    bare = key.removeprefix(PREFIX)
    trace = (
        'Traceback (most recent call last):\n  File "worker.py", line 7, in call\n'
        f'    post(url, headers={{"x-api-key": "{key}"}})\nRuntimeError: refused for x-api-key {key} of {bare}'
    )
    said = f"No account for x-api-key: {key} ({bare})"
    refusals = [_fault(name, text=said) for name in ("400", "401", "403", "422", "500")]
    refusals += [_fault("500", text=trace), _fault("500", text=trace, charge=True), _fault("401", text=trace)]
    refusals += [_fault("redirect", url=f"http://127.0.0.1:9/?key={key}"), _fault("502", after=0.1), _fault("drop")]
    # Not in the body of a 200, because the bytes of a paid answer are stored unchanged.
    spoilt = [_fault("bad-headers", value=key), _fault("wrong-type", content_type=f"text/{key}"), _fault("json-error")]
    polled = [_fault("failed", text=trace), _fault("500", on="status", text=trace)]
    polled += [_fault("401", on="status", text=said), _fault("json-error", on="status")]
    return {
        "v1": [*({"on": "v1", **one} for one in [*refusals, *spoilt])],
        "v2": [*({"on": "v2", **one} for one in refusals), *polled],
    }


def _fault(name: str, on: str = "", **options: object) -> Fault:
    return {"name": name, "options": options, **({"on": on} if on else {})}


def order_into(visitor: Visitor, provider: Provider, team: str, spoilers: list[Fault]) -> list[Fault]:
    """Submit and open pages until a call has met each fault; return the faults that were not met."""
    provider.tell(clear_faults=True, faults=spoilers)
    end = time.monotonic() + PATIENCE
    while (left := _left(provider)) and time.monotonic() < end:
        if not Generation.objects.filter(state=State.QUEUED).exists():
            visitor.post(f"/t/{team}/generations/", prompt="a picture that meets random faults", count="4")
        newest = Generation.objects.latest("id")
        for path in (f"/t/{team}/", f"/t/{team}/queue/", f"/g/{newest.id}/", "/provider/", "/metrics"):
            visitor.get(path)
        resume(visitor)
    return left


def resume(visitor: Visitor) -> None:
    if ProviderPause.objects.filter(ended_at=None).exists():
        visitor.post("/provider/resume", reason="it is over")


def _left(provider: Provider) -> list[Fault]:
    waiting: list[Fault] = requests.get(f"{provider.url}/__control__", timeout=10).json()["faults"]
    return waiting


def settle(visitor: Visitor) -> bool:
    """Return whether nothing waits any more; retries and pauses are handled meanwhile."""

    def is_over() -> bool:
        resume(visitor)
        return not Generation.objects.waiting().exists()

    return until(is_over, PATIENCE)


def decide(visitor: Visitor) -> None:
    """Look up every unknown outcome once more, then mark it as lost."""
    for row in list(Generation.objects.filter(state=State.UNKNOWN)):
        visitor.post(f"/g/{row.id}/look-up")
        visitor.post(f"/g/{row.id}/mark-lost", reason="it never came")


def until(holds: Callable[[], object], seconds: float) -> bool:
    """Wait for the condition; return False when it does not hold in time."""
    end = time.monotonic() + seconds
    while not (held := bool(holds())) and time.monotonic() < end:
        time.sleep(LOOK)
    return held
