"""What a person does with a picture that is there."""

from django.db.models.functions import Now

from generations.models import Favourite, Generation, User


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
