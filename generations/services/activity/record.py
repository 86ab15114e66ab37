"""Recording of activity, in the transaction of the action itself."""

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
    """Create one row for each picture, or one for the whole collection if there are no pictures."""
    act = uuid.uuid4()
    common = {"act": act, "team": team, "actor": actor, "deed": deed, "collection": collection, "comment": comment}
    pictures: Sequence[Generation | None] = generations or [None]
    rows = [Activity(generation=row, **common) for row in pictures]
    return Activity.objects.bulk_create(rows, batch_size=500)
