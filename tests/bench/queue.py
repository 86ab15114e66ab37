"""Three users with 50, 5 and 1 pictures share a plan of 50 requests a minute: the rate that is used, and the order.

The place that the queue page shows is held against the place that was served.
"""

import math
import time
import uuid
from itertools import count

from generations import limiter, schema
from generations.models import Attempt, Generation
from generations.queries.orders.queue import queue_snapshot
from generations.services.orders.submit import GenerationRequest, submit
from tests.bench.site import Site, another_user, running

PLAN = 50
PICTURES = (50, 5, 1)
SECONDS = 1.0


def lines(rows: int):
    with running(concurrency=16, seconds=SECONDS, plan=PLAN, sweeps=True) as site:
        owners = _submit_all(site)
        shown = queue_snapshot().places
        deadline = time.monotonic() + 60 * sum(PICTURES) / PLAN + 120
        while Generation.objects.filter(team=site.team, finished_at=None).exists() and time.monotonic() < deadline:
            time.sleep(0.1)
    served = list(
        Attempt.objects.filter(generation__in=owners).order_by("sent_at").values_list("generation", "sent_at")
    )
    order = [generation for generation, _ in served]
    seconds = (served[-1][1] - served[0][1]).total_seconds()
    granted = limiter.SHARE * PLAN
    # Beside the rate, the limiter grants a burst at the start.
    allowed = math.ceil(limiter.BURST * granted) + granted / 60 * seconds
    places = dict(zip([one for one in order if one in shown], count(1)))
    off = [abs(places[one] - shown[one]) for one in places]
    yield (
        f"queue: {len(order)} pictures under a grant of {granted:.0f} a minute: of the granted rate used",
        (f"{100 * len(order) / allowed:.0f} %"),
    )
    yield "pictures whose place was the one shown", f"{off.count(0)} of {len(off)}"
    yield "largest distance of the place shown and served", f"{max(off, default=0)}"
    for number, wanted in enumerate(PICTURES):
        ranks = [rank for rank, one in enumerate(order, start=1) if owners[one] == number]
        yield f"places of the user with {wanted}, who came as number {number + 1}", f"{ranks[0]} to {ranks[-1]}"
    in_order = all(_sorted([one for one in order if owners[one] == number]) for number in range(len(PICTURES)))
    yield "first in, first out within each user", "yes" if in_order else "no"


def _submit_all(site: Site) -> dict[uuid.UUID, int]:
    """Submit the pictures of one user after the other; return the number of each picture's user."""
    values, _ = schema.clean(schema.get(), {"prompt": "bench"})
    owners: dict[uuid.UUID, int] = {}
    for number, wanted in enumerate(PICTURES):
        user = site.user if number == 0 else another_user(site.team)
        for _ in range(wanted):
            (made,) = submit(actor=user, team=site.team, order=GenerationRequest(values))
            owners[made.id] = number
    return owners


def _sorted(ids: list[uuid.UUID]) -> bool:
    return ids == sorted(ids)
