"""Recording what was done, in the transaction in which it is done."""

import uuid
from collections.abc import Sequence

from generations.models import Activity, ActivityKind, Collection, Comment, Generation, Team, User


def record(
    *,
    actor: User,
    team: Team,
    deed: ActivityKind,
    generations: Sequence[Generation] = (),
    collection: Collection | None = None,
    comment: Comment | None = None,
) -> list[Activity]:
    """A row for each picture; without pictures one for the whole collection."""
    act = uuid.uuid4()
    common = {"act": act, "team": team, "actor": actor, "deed": deed, "collection": collection, "comment": comment}
    pictures: Sequence[Generation | None] = generations or [None]
    rows = [Activity(generation=row, **common) for row in pictures]
    return Activity.objects.bulk_create(rows, batch_size=500)
