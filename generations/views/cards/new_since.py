"""The mark at the first picture that the user has seen on an earlier visit."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from generations.models import Generation, Team, User, uuid7_min
from generations.queries.gallery.gallery import has_newer_of_others
from generations.views.cards.cards import Card


def mark_new(
    cards: list[Card], rows: Sequence[Generation], since: datetime | None, before: uuid.UUID | None,
    *, team: Team, viewer: User,
) -> list[Card]:  # fmt: skip
    """Mark the first card that is older than `since`, if other users have pictures that are newer.

    `before` is the id that the page of these cards begins behind, None for the newest page. Only a page that begins
    among the user's own new pictures asks the database.
    """
    if since is None:
        return cards
    bound = uuid7_min(since)
    at = next((number for number, row in enumerate(rows) if row.id < bound), None)
    if at is None or (at == 0 and (before is None or before < bound)):
        return cards
    here = any(row.author_id != viewer.pk for row in rows[:at])
    if not here and (before is None or not has_newer_of_others(team, viewer, bound)):
        return cards
    return [*cards[:at], replace(cards[at], ends_new=True), *cards[at + 1 :]]
