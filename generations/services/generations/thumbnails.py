"""Thumbnails for pages, made again where a file is missing."""

from generations.models import Image, Thumbnail
from generations.pipeline.recovery.thumbnails import is_sound, make_thumbnails


def get_thumbnail(image: Image, nominal: int) -> Thumbnail | None:
    """Return a thumbnail whose file is complete and marked, made again if needed; None when it cannot be made."""
    wanted = image.thumbnails.filter(nominal=nominal)
    found = wanted.first()
    if found is not None and is_sound(found):
        return found
    return wanted.first() if make_thumbnails(image.generation_id) else None
