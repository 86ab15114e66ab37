"""Thumbnails for pages, made again where a file is missing, and previews for other sites, made when asked for."""

import logging

from generations.errors import UnusableImage
from generations.imaging import inspect, preview
from generations.models import Image, Thumbnail
from generations.pipeline.recovery.thumbnails import is_sound, make_thumbnails
from generations.pipeline.worker.store import image_work, preview_name
from generations.storage import files

logger = logging.getLogger(__name__)


def get_thumbnail(image: Image, nominal: int) -> Thumbnail | None:
    """Return a thumbnail whose file is complete and marked, made again if needed; None when it cannot be made."""
    wanted = image.thumbnails.filter(nominal=nominal)
    found = wanted.first()
    if found is not None and is_sound(found):
        return found
    return wanted.first() if make_thumbnails(image.generation_id) else None


def get_preview(image: Image) -> str | None:
    """Return the storage name of the JPEG for other sites, made at the first request; None when it cannot be made."""
    name = preview_name(image.attempt_id)
    try:
        # Not written durably: after a power cut a file may be there and empty.
        if not files.head(name, 2):
            with image_work:
                data = preview(inspect(files.read(image.path)).pixels)
            files.save(name, data, durable=False)
    # ValueError: a manipulated row names a file outside of the pictures' folders.
    except (OSError, ValueError, UnusableImage) as error:
        logger.warning("no preview of %s: %s", image.generation_id, error)
        return None
    return name
