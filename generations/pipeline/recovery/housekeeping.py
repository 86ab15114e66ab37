"""Periodic background work that no user waits for: missing thumbnails, retention of trash, visits and sessions."""

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
    TRASH_DAYS,
    Activity,
    ApprovalRequest,
    Attempt,
    AttemptState,
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

VISIT_DAYS = 90
NOTIFICATION_DAYS = 90
MAX_TRIES = 3
BATCH_SIZE = 100
# A round of the sweeper must end; the next one takes the rest.
MAX_PER_ROUND = 5_000
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


def empty_trash() -> int:
    """Purge what was deleted more than 30 days ago; return the number of rows.

    Costs stay in the ledger; an unknown outcome is charged by its estimate. The row is purged before its files are
    deleted: a missing page with a leftover file is harmless, the reverse is a broken page. The next call tries again to
    delete files that could not be deleted.
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
    """Delete the prompts of approval requests decided long ago whose pictures are all purged; return how many.

    The parameters go; the number of pictures and the price stay.
    """
    left = Generation.objects.filter(batch=OuterRef("batch"), purged_at=None)
    over = ApprovalRequest.objects.filter(
        ~Exists(left), decided_at__lte=Now() - timedelta(days=TRASH_DAYS), prompts_deleted=False
    )
    rows = list(over[:BATCH_SIZE])
    for row in rows:
        row.cells, row.prompts_deleted = [{} for _ in row.cells], True
    return ApprovalRequest.objects.bulk_update(rows, ["cells", "prompts_deleted"])


def forget_visits() -> int:
    """Delete visits of share links that are older than 90 days; return how many."""
    return ShareVisit.objects.filter(at__lte=Now() - timedelta(days=VISIT_DAYS)).delete()[0]


def forget_sessions() -> int:
    """Delete expired sessions with the data in them; return how many."""
    return Session.objects.filter(expire_date__lt=Now()).delete()[0]


def forget_notifications() -> int:
    """Delete notifications older than 90 days, read or not; return how many."""
    return Notification.objects.filter(id__lt=uuid7_min(timezone.now() - timedelta(days=NOTIFICATION_DAYS))).delete()[0]


def _give_up_doubts() -> None:
    """Give up attempts with an unknown outcome of pictures to purge, because their holds would stay for ever."""
    for generation_id in list(_old().filter(_in_doubt()).values_list("id", flat=True)[:MAX_PER_ROUND]):
        give_up(generation_id, "It was in the trash until its time was over.", note="deleted for good while in doubt")


def _purge() -> int:
    """Purge up to a hundred pictures; a picture that a user restores at this moment is kept."""
    some = list(_old().exclude(_in_doubt()).values_list("id", flat=True)[:BATCH_SIZE])
    return _old().filter(id__in=some).update(purged_at=Now(), prompt="", prompt_group="", fingerprint="", parameters={})


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
    """Return the names of all files, including thumbnails without a row, since their maker may have died in between."""
    expected = {thumbnail_name(image.attempt_id, width) for width in WIDTHS}
    received = {image.received_path} - {""}
    return {image.path, *received, *expected, *image.thumbnails.values_list("path", flat=True)}
