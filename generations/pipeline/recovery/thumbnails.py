"""Making of thumbnails that are missing, incomplete or without their mark."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from generations.errors import UnusableImage
from generations.imaging import HEAD_OF_WEBP, WIDTHS, Derived, inspect, is_marked_thumbnail, placeholder, thumbnails
from generations.models import (
    Image,
    Thumbnail,
)
from generations.pipeline.worker.store import image_work, thumbnail_name, thumbnail_row
from generations.storage import files

MAX_TRIES = 3
BATCH_SIZE = 100
# A published message may still be in the broker; after this time it counts as lost.
REDELIVER_AFTER = timedelta(seconds=60)
logger = logging.getLogger(__name__)


def without_thumbnails() -> list[uuid.UUID]:
    """Return pictures without thumbnails that were not tried too often and have no fresh message."""
    silent = Q(thumbnails_enqueued_at=None) | Q(thumbnails_enqueued_at__lte=Now() - REDELIVER_AFTER)
    rows = Image.objects.filter(silent, thumbnails_made=False, thumbnail_tries__lt=MAX_TRIES)
    return list(rows.values_list("generation_id", flat=True)[:BATCH_SIZE])


def mark_thumbnails_enqueued(generation_ids: list[uuid.UUID]) -> None:
    """Record that a message about these pictures was sent."""
    if generation_ids:
        Image.objects.filter(generation__in=generation_ids).update(thumbnails_enqueued_at=Now())


def make_thumbnails(generation_id: uuid.UUID) -> bool:
    """Make the thumbnails of a picture unless all exist; return False when its original cannot be read."""
    image = Image.objects.filter(generation_id=generation_id).first()
    if image is None:
        return False
    if _complete(image):
        return True
    missing = Image.objects.filter(id=image.id)
    missing.update(thumbnails_made=False)
    missing.filter(thumbnail_tries__lt=MAX_TRIES).update(thumbnail_tries=F("thumbnail_tries") + 1)
    try:
        tiny, derived = _derive(image)
    # ValueError: a manipulated row names a file outside of the pictures' folders.
    except (OSError, ValueError, UnusableImage) as error:
        logger.warning("no thumbnails for %s: %s", generation_id, error)
        return False
    return _record_thumbnails(image, tiny, derived)


def _complete(image: Image) -> bool:
    """Return whether all thumbnails exist. Messages may come twice, and checking is cheaper than decoding."""
    made = {row.nominal: row for row in image.thumbnails.all()}
    sound = made.keys() == set(WIDTHS) and all(is_sound(row) for row in made.values())
    return image.thumbnails_made and bool(image.placeholder) and sound


def is_sound(row: Thumbnail) -> bool:
    """Return whether the file is complete and marked as AI-generated; older thumbnails lack the mark."""
    return files.is_whole(row.path, row.size) and is_marked_thumbnail(files.head(row.path, HEAD_OF_WEBP))


def _derive(image: Image) -> tuple[str, list[Derived]]:
    """Write the files of a picture's thumbnails. Raises OSError and UnusableImage."""
    with image_work:
        pixels = inspect(files.read(image.path)).pixels
        tiny, derived = placeholder(pixels), thumbnails(pixels)
    for one in derived:
        files.save(thumbnail_name(image.attempt_id, one.nominal), one.data, durable=False)
    return tiny, derived


def _record_thumbnails(image: Image, tiny: str, derived: list[Derived]) -> bool:
    """Record the new thumbnails; return False, and delete their files, when the picture was purged meanwhile."""
    rows = [thumbnail_row(image, image.attempt_id, one) for one in derived]
    with transaction.atomic():
        # The UPDATE comes first because it locks the row, so that no other process deletes it before its thumbnails
        # exist.
        noted = Image.objects.filter(id=image.id).update(placeholder=tiny, thumbnails_made=True, thumbnail_tries=0)
        if noted:
            image.thumbnails.exclude(nominal__in=[row.nominal for row in rows]).delete()
            # A page and a worker may make them at once.
            Thumbnail.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["image", "nominal"],
                update_fields=["width", "height", "size", "path"],
            )  # fmt: skip
    if not noted:
        for row in rows:
            files.delete(row.path)
    return bool(noted)
