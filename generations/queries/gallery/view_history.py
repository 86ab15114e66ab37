"""View history of a user, limited to pictures they can still see."""

from datetime import datetime

from generations.models import Generation, Team, User, ViewHistoryEntry
from generations.queries.gallery.gallery import with_cards

MAX_KEPT = 100


def recently_viewed(team: Team, viewer: User) -> list[tuple[datetime, Generation]]:
    """Return the pictures with the times they were last opened, latest first, at most MAX_KEPT."""
    mine = ViewHistoryEntry.objects.filter(user=viewer, team=team).order_by("-viewed_at")
    moments = dict(mine.values_list("generation", "viewed_at")[:MAX_KEPT])
    seen = Generation.objects.visible_to(viewer).shown().filter(image__isnull=False)
    rows = with_cards(seen, viewer).in_bulk(list(moments))
    return [(at, rows[id_]) for id_, at in moments.items() if id_ in rows]
