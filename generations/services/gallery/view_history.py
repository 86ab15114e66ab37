"""Remembering what a person opened."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.models import Generation, Team, User, Viewing
from generations.queries.gallery.view_history import MAX_KEPT


@transaction.atomic
def record_view(*, actor: User, generation: Generation) -> None:
    """Once for each picture; those behind the last hundred of this team are forgotten."""
    Generation.objects.filter(pk=generation.pk, opened_at=None).update(opened_at=Now())
    row = Viewing(user=actor, team=generation.team, generation=generation, at=timezone.now())
    # Two tabs may show the same picture at once.
    Viewing.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "generation"], update_fields=["at"]
    )
    mine = Viewing.objects.filter(user=actor, team=generation.team).order_by("-at")
    if old := list(mine.values_list("pk", flat=True)[MAX_KEPT:]):
        Viewing.objects.filter(pk__in=old).delete()


def clear_view_history(*, actor: User, team: Team) -> int:
    """How many were forgotten."""
    return Viewing.objects.filter(user=actor, team=team).delete()[0]
