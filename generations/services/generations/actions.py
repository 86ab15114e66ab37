"""What a person does with pictures that are there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from generations.errors import GalleryError
from generations.models import Favourite, Generation, State, Team, User, Visibility

# How long one press of "Undo" brings many back at once; each alone comes back for as long as the trash keeps it.
UNDO = timedelta(days=1)


def toggle_favourite(*, actor: User, generation: Generation) -> bool:
    """Whether it is a favourite now."""
    gone, _ = Favourite.objects.filter(user=actor, generation=generation).delete()
    if not gone:
        Favourite.objects.get_or_create(user=actor, generation=generation)
    return not gone


def delete(*, generation: Generation) -> bool:
    """Into the trash, for 30 days. False when it is still being made: then it cannot be deleted."""
    rows = Generation.objects.filter(id=generation.id, deleted_at=None).exclude(state__in=["queued", "running"])
    return rows.update(deleted_at=Now()) == 1


def restore(*, generation: Generation) -> bool:
    rows = Generation.objects.in_trash().filter(id=generation.id)
    return rows.update(deleted_at=None) == 1


@transaction.atomic
def delete_all(*, generations: Sequence[Generation]) -> datetime:
    """All into the trash at the moment that is returned, or none: GalleryError when one is still being made."""
    moment = timezone.now()
    rows = Generation.objects.filter(id__in=[row.pk for row in generations], deleted_at=None)
    gone = rows.exclude(state__in=[State.QUEUED, State.RUNNING]).update(deleted_at=moment)
    if gone < len(generations):
        raise GalleryError(
            f"{len(generations) - gone} of these {len(generations)} pictures are still being made or already deleted. "
            "Nothing was changed; choose again without them."
        )
    return moment


def deleted_at(*, team: Team, moment: datetime) -> list[Generation]:
    """What went to the trash together at this moment."""
    if timezone.now() - moment > UNDO:
        return []
    return list(Generation.objects.in_trash().filter(team=team, deleted_at=moment).select_related("team"))


def restore_all(*, generations: Sequence[Generation]) -> int:
    return Generation.objects.in_trash().filter(id__in=[row.pk for row in generations]).update(deleted_at=None)


@transaction.atomic
def toggle_favourites(*, actor: User, generations: Sequence[Generation]) -> bool:
    """All become favourites; where all are already, none is any more. Whether they are now."""
    ids = [row.pk for row in generations]
    stars = Favourite.objects.filter(user=actor, generation__in=ids)
    if stars.count() == len(ids):
        stars.delete()
        return False
    Favourite.objects.bulk_create((Favourite(user=actor, generation_id=id_) for id_ in ids), ignore_conflicts=True)
    return True


def set_visibility(*, generations: Sequence[Generation], visibility: str) -> None:
    if visibility not in Visibility.values:
        raise GalleryError("A picture is private or for the team; choose one of them.")
    Generation.objects.filter(id__in=[row.pk for row in generations]).update(visibility=visibility)
