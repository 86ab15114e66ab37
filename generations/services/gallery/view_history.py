"""View history: the pictures a user opened."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.models import Generation, Team, User, ViewHistoryEntry
from generations.queries.gallery.view_history import MAX_KEPT


@transaction.atomic
def record_view(*, actor: User, generation: Generation) -> None:
    """Record that the user opened the picture; each picture is kept once, and the newest MAX_KEPT of the team."""
    Generation.objects.filter(pk=generation.pk, opened_at=None).update(opened_at=Now())
    row = ViewHistoryEntry(user=actor, team=generation.team, generation=generation, viewed_at=timezone.now())
    # An upsert, because two tabs may open the same picture at once.
    ViewHistoryEntry.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "generation"], update_fields=["viewed_at"]
    )
    mine = ViewHistoryEntry.objects.filter(user=actor, team=generation.team).order_by("-viewed_at")
    if old := list(mine.values_list("pk", flat=True)[MAX_KEPT:]):
        ViewHistoryEntry.objects.filter(pk__in=old).delete()


def clear_view_history(*, actor: User, team: Team) -> int:
    """Delete the user's view history in this team and return its length."""
    return ViewHistoryEntry.objects.filter(user=actor, team=team).delete()[0]
