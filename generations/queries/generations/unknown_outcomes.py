"""Attempts with an unknown outcome, which may have been charged."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from generations.models import Attempt, AttemptState


def unknown_attempts(generation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Attempt]]:
    """Return them by generation, the latest first; generations without one are left out."""
    found: dict[uuid.UUID, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(generation__in=generation_ids, state=AttemptState.UNKNOWN)
    for attempt in rows.order_by("-number"):
        found[attempt.generation_id].append(attempt)
    return dict(found)
