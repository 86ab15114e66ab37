"""Attempts of a picture, and what the ledger says about one."""

from generations.models import Attempt, AttemptState, Generation, LedgerEntry, User


def attempts_of(generation: Generation) -> list[Attempt]:
    """Return all attempts, the first one first."""
    return list(generation.attempts.order_by("number"))


def unknown_attempts_of(generation: Generation) -> list[Attempt]:
    """Return the attempts whose outcome is unknown."""
    return list(generation.attempts.filter(state=AttemptState.UNKNOWN))


def entries_of(attempt: Attempt) -> list[tuple[LedgerEntry, User | None]]:
    """Return the entries of the attempt and of its hold in the order of posting, with the user who caused each."""
    holds = [f"{kind}:{attempt.generation_id}:{attempt.hold_number}" for kind in ("hold", "release")]
    rows = LedgerEntry.objects.filter(attempt=attempt) | LedgerEntry.objects.filter(idempotency_key__in=holds)
    entries = list(rows.order_by("id"))
    people = User.objects.in_bulk({entry.actor_id for entry in entries if entry.actor_id})
    return [(entry, people.get(entry.actor_id) if entry.actor_id else None) for entry in entries]
