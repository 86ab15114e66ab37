"""What nobody waits for: thumbnails that are missing, pictures that were deleted long ago."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from generations.errors import UnusableImage
from generations.imaging import HEAD_OF_WEBP, WIDTHS, Derived, inspect, is_marked_thumbnail, placeholder, thumbnails
from generations.models import (
    Activity,
    Attempt,
    AttemptState,
    BatchRequest,
    Comment,
    Generation,
    Image,
    Notification,
    Session,
    ShareVisit,
    Thumbnail,
    uuid7_min,
)
from generations.pipeline.worker.give_up import give_up
from generations.pipeline.worker.store import image_work, thumbnail_name, thumbnail_row
from generations.storage import files, spool

TRASH_DAYS = 30
VISIT_DAYS = 90
NOTIFICATION_DAYS = 90
MAX_TRIES = 3
BATCH_SIZE = 100
# A round of the sweeper must end; what is left over is taken by the next one.
MAX_PER_ROUND = 5_000
# A message that was published may still lie in the broker; after so long it is taken for lost.
REDELIVER_AFTER = timedelta(seconds=60)
logger = logging.getLogger(__name__)


def without_thumbnails() -> list[uuid.UUID]:
    """Pictures whose thumbnails are missing, that were not tried too often and nobody just rang for."""
    silent = Q(thumbnails_rung_at=None) | Q(thumbnails_rung_at__lte=Now() - REDELIVER_AFTER)
    rows = Image.objects.filter(silent, thumbnails_made=False, thumbnail_tries__lt=MAX_TRIES)
    return list(rows.values_list("generation_id", flat=True)[:BATCH_SIZE])


def mark_thumbnails_enqueued(generation_ids: list[uuid.UUID]) -> None:
    if generation_ids:
        Image.objects.filter(generation__in=generation_ids).update(thumbnails_rung_at=Now())


def thumbnail_of(image: Image, nominal: int) -> Thumbnail | None:
    """The row whose file is there whole and marked, made again when it is not; None when it cannot be made."""
    wanted = image.thumbnails.filter(nominal=nominal)
    found = wanted.first()
    if found is not None and _is_sound(found):
        return found
    return wanted.first() if make_thumbnails(image.generation_id) else None


def make_thumbnails(generation_id: uuid.UUID) -> bool:
    """Make those of a picture unless all are there; False when its original cannot be read."""
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
    # ValueError: a row that was tampered with names a file outside of the pictures' folders.
    except (OSError, ValueError, UnusableImage) as error:
        logger.warning("no thumbnails for %s: %s", generation_id, error)
        return False
    return _record_thumbnails(image, tiny, derived)


def _complete(image: Image) -> bool:
    """Messages may come twice; looking at three files is cheaper than drawing them."""
    made = {row.nominal: row for row in image.thumbnails.all()}
    sound = made.keys() == set(WIDTHS) and all(_is_sound(row) for row in made.values())
    return image.thumbnails_made and bool(image.placeholder) and sound


def _is_sound(row: Thumbnail) -> bool:
    """Whole, and saying that it is AI-generated: one from before thumbnails did is made again when it is asked for."""
    return files.is_whole(row.path, row.size) and is_marked_thumbnail(files.head(row.path, HEAD_OF_WEBP))


def _derive(image: Image) -> tuple[str, list[Derived]]:
    """Writes the files. Raises OSError and UnusableImage."""
    with image_work:
        pixels = inspect(files.read(image.path)).pixels
        tiny, derived = placeholder(pixels), thumbnails(pixels)
    for one in derived:
        files.save(thumbnail_name(image.attempt_id, one.nominal), one.data, durable=False)
    return tiny, derived


def _record_thumbnails(image: Image, tiny: str, derived: list[Derived]) -> bool:
    """False when the picture was purged meanwhile; then its new files go as well."""
    rows = [thumbnail_row(image, image.attempt_id, one) for one in derived]
    with transaction.atomic():
        # The UPDATE comes first: it holds the row, so that nobody removes it under its thumbnails.
        noted = Image.objects.filter(id=image.id).update(placeholder=tiny, thumbnails_made=True, thumbnail_tries=0)
        if noted:
            image.thumbnails.exclude(nominal__in=[row.nominal for row in rows]).delete()
            # Two may make them at once, a page and a worker.
            Thumbnail.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["image", "nominal"],
                update_fields=["width", "height", "size", "path"],
            )  # fmt: skip
    if not noted:
        for row in rows:
            files.delete(row.path)
    return bool(noted)


def empty_trash() -> int:
    """Remove what was deleted more than 30 days ago; what it cost stays on the books, what it may have cost as an
    estimate. How many rows went.

    Row first: an address that is gone while its file still lies there is right, the reverse is a broken page.
    A file that cannot be deleted now is tried again by the next call.
    """
    _give_up_doubts()
    purged = 0
    while purged < MAX_PER_ROUND and (count := _purge()):
        purged += count
    unfinished = Generation.objects.filter(purged_at__isnull=False, files_gone=False).order_by("purged_at")
    for generation_id in list(unfinished.values_list("id", flat=True)[:MAX_PER_ROUND]):
        _remove_files(generation_id)
    return purged


def forget_requests() -> int:
    """The words of orders that were decided about long ago and of which no picture is left; how many were forgotten.

    The parameters that say what was asked go; how many pictures, and at what price, stays.
    """
    left = Generation.objects.filter(batch=OuterRef("batch"), purged_at=None)
    over = BatchRequest.objects.filter(
        ~Exists(left), decided_at__lte=Now() - timedelta(days=TRASH_DAYS), forgotten=False
    )
    rows = list(over[:BATCH_SIZE])
    for row in rows:
        row.cells, row.forgotten = [{} for _ in row.cells], True
    return BatchRequest.objects.bulk_update(rows, ["cells", "forgotten"])


def forget_visits() -> int:
    """Visits of share links that are older than 90 days; how many went."""
    return ShareVisit.objects.filter(at__lte=Now() - timedelta(days=VISIT_DAYS)).delete()[0]


def forget_sessions() -> int:
    """Delete the sessions that have ended, with what was typed into them; how many there were."""
    return Session.objects.filter(expire_date__lt=Now()).delete()[0]


def forget_notifications() -> int:
    """Those that are older than 90 days, read or not; how many went."""
    return Notification.objects.filter(id__lt=uuid7_min(timezone.now() - timedelta(days=NOTIFICATION_DAYS))).delete()[0]


def _give_up_doubts() -> None:
    """Nobody could settle them once their pictures have no page, and what they hold would be held for ever."""
    for generation_id in list(_old().filter(_in_doubt()).values_list("id", flat=True)[:MAX_PER_ROUND]):
        give_up(generation_id, "It was in the trash until its time was over.", note="deleted for good while in doubt")


def _purge() -> int:
    """A hundred at once; a person who restores one in this moment keeps it."""
    some = list(_old().exclude(_in_doubt()).values_list("id", flat=True)[:BATCH_SIZE])
    return _old().filter(id__in=some).update(purged_at=Now(), prompt="", family="", fingerprint="", parameters={})


def _old() -> "QuerySet[Generation]":
    return Generation.objects.filter(deleted_at__lte=Now() - timedelta(days=TRASH_DAYS), purged_at=None)


def _in_doubt() -> Exists:
    return Exists(Attempt.objects.filter(generation=OuterRef("pk"), state=AttemptState.UNKNOWN, cost=None))


def _remove_files(generation_id: uuid.UUID) -> None:
    image = Image.objects.filter(generation_id=generation_id).first()
    try:
        for attempt_id in Attempt.objects.filter(generation_id=generation_id).values_list("id", flat=True):
            spool.remove_rejected(attempt_id)
        for name in _names(image) if image else ():
            files.delete(name)
    except OSError as error:
        logger.error("the files of the purged picture %s are still there: %s", generation_id, error)
        return
    with transaction.atomic():
        if image:
            image.delete()
        Comment.objects.filter(generation_id=generation_id).delete()
        Activity.objects.filter(generation_id=generation_id).delete()
        Generation.objects.filter(id=generation_id).update(files_gone=True)


def _names(image: Image) -> set[str]:
    """A file may be there without its row: a maker of thumbnails died between the two."""
    expected = {thumbnail_name(image.attempt_id, width) for width in WIDTHS}
    received = {image.received_path} - {""}
    return {image.path, *received, *expected, *image.thumbnails.values_list("path", flat=True)}
