"""Pictures that were submitted together."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

from generations.models import HELD, Generation, LedgerEntry, Team, Total, User


def batch_of(team: Team, viewer: User, batch: uuid.UUID) -> list[Generation]:
    """Return the batch's pictures by position; those the user cannot see are left out."""
    rows = Generation.objects.visible_to(viewer).of_team(team).filter(batch=batch)
    return list(rows.select_related("team", "author", "image").order_by("position"))


def held_for(rows: Sequence[Generation]) -> dict[uuid.UUID, Decimal]:
    """Return the amounts held for these pictures now, in US dollars; pictures without a hold are left out."""
    entries = LedgerEntry.objects.filter(generation__in=[row.id for row in rows], kind__in=HELD)
    sums = entries.values("generation_id").annotate(sum=Total("amount"))
    return {one["generation_id"]: -one["sum"] for one in sums if one["sum"]}
