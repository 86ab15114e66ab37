"""Recording of activity, in the transaction of the action itself."""

import uuid
from collections.abc import Sequence

from generations.models import Activity, ActivityKind, Collection, Comment, Generation, Team, User


def record(
    *,
    actor: User,
    team: Team,
    kind: ActivityKind,
    generations: Sequence[Generation] = (),
    collection: Collection | None = None,
    comment: Comment | None = None,
) -> list[Activity]:
    """Create one row for each picture, or one for the whole collection if there are no pictures."""
    group_id = uuid.uuid4()
    common = {
        "group_id": group_id,
        "team": team,
        "actor": actor,
        "kind": kind,
        "collection": collection,
        "comment": comment,
    }
    pictures: Sequence[Generation | None] = generations or [None]
    rows = [Activity(generation=row, **common) for row in pictures]
    return Activity.objects.bulk_create(rows, batch_size=500)
