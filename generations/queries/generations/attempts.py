"""Attempts of a picture, and what the ledger says about one."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from generations.models import Attempt, AttemptState, Generation, LedgerEntry


def attempts_of(generation: Generation) -> list[Attempt]:
    """Return all attempts, the first one first."""
    return list(generation.attempts.order_by("number"))


def unknown_attempts(generation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Attempt]]:
    """Return the attempts with an unknown outcome by generation, the latest first; others are left out."""
    found: dict[uuid.UUID, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(generation__in=generation_ids, state=AttemptState.UNKNOWN)
    for attempt in rows.order_by("-number"):
        found[attempt.generation_id].append(attempt)
    return dict(found)


def entries_of(attempt: Attempt) -> list[LedgerEntry]:
    """Return the entries of the attempt and of its hold in the order of posting, joined with who caused each."""
    holds = [f"{kind}:{attempt.generation_id}:{attempt.hold_number}" for kind in ("hold", "release")]
    rows = LedgerEntry.objects.filter(attempt=attempt) | LedgerEntry.objects.filter(idempotency_key__in=holds)
    return list(rows.select_related("actor").order_by("id"))
