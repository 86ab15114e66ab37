"""Actions on existing pictures: favourite, delete, restore, set visibility."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.errors import GalleryError
from generations.models import Favourite, Generation, State, User, Visibility


def toggle_favourite(*, actor: User, generation: Generation) -> bool:
    """Toggle the user's favourite mark and return whether it is set now."""
    gone, _ = Favourite.objects.filter(user=actor, generation=generation).delete()
    if not gone:
        Favourite.objects.get_or_create(user=actor, generation=generation)
    return not gone


def delete(*, generation: Generation) -> bool:
    """Move a picture to the trash, which keeps it for 30 days; return False if it is unfinished or deleted already."""
    rows = Generation.objects.filter(id=generation.id, deleted_at=None).exclude(state__in=["queued", "running"])
    return rows.update(deleted_at=Now()) == 1


def restore(*, generation: Generation) -> bool:
    """Take a picture out of the trash; return False if it is not there."""
    rows = Generation.objects.in_trash().filter(id=generation.id)
    return rows.update(deleted_at=None) == 1


@transaction.atomic
def delete_all(*, generations: Sequence[Generation]) -> datetime:
    """Move all pictures to the trash and return the time of deletion, which `deleted_at` takes.

    Raises GalleryError, with nothing changed, when one of them is queued, running or deleted already.
    """
    moment = timezone.now()
    rows = Generation.objects.filter(id__in=[row.pk for row in generations], deleted_at=None)
    gone = rows.exclude(state__in=[State.QUEUED, State.RUNNING]).update(deleted_at=moment)
    if gone < len(generations):
        left = len(generations) - gone
        sentence = ngettext(
            "%(count)s of these %(total)s pictures is still in progress or already deleted. "
            "Nothing was changed; deselect it and try again.",
            "%(count)s of these %(total)s pictures are still in progress or already deleted. "
            "Nothing was changed; deselect them and try again.",
            left,
        )
        raise GalleryError(sentence % {"count": left, "total": len(generations)})
    return moment


def restore_all(*, generations: Sequence[Generation]) -> int:
    """Take pictures out of the trash and return how many were there."""
    return Generation.objects.in_trash().filter(id__in=[row.pk for row in generations]).update(deleted_at=None)


@transaction.atomic
def toggle_favourites(*, actor: User, generations: Sequence[Generation]) -> bool:
    """Mark all as favourites, or unmark all if all are marked; return whether they are marked now."""
    ids = [row.pk for row in generations]
    stars = Favourite.objects.filter(user=actor, generation__in=ids)
    if stars.count() == len(ids):
        stars.delete()
        return False
    Favourite.objects.bulk_create((Favourite(user=actor, generation_id=id_) for id_ in ids), ignore_conflicts=True)
    return True


def set_visibility(*, generations: Sequence[Generation], visibility: str) -> None:
    """Set the pictures' visibility. Raises GalleryError for an unknown one."""
    if visibility not in Visibility.values:
        raise GalleryError(_("Choose a visibility: private or team."))
    Generation.objects.filter(id__in=[row.pk for row in generations]).update(visibility=visibility)
