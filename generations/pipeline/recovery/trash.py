"""Emptying of the trash: what was deleted long ago loses its prompt, its parameters and its files."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generations.imaging import WIDTHS
from generations.models import (
    TRASH_DAYS,
    Activity,
    Attempt,
    AttemptState,
    Comment,
    Generation,
    Image,
    Report,
)
from generations.pipeline.worker.give_up import give_up
from generations.pipeline.worker.store import preview_name, thumbnail_name
from generations.storage import files, spool

BATCH_SIZE = 100
# A round of the sweeper must end; the next one takes the rest.
MAX_PER_ROUND = 5_000
logger = logging.getLogger(__name__)


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


def _give_up_doubts() -> None:
    """Give up attempts with an unknown outcome of pictures to purge, because their holds would stay for ever."""
    for generation_id in list(_old().filter(_in_doubt()).values_list("id", flat=True)[:MAX_PER_ROUND]):
        give_up(
            generation_id,
            _("Permanently deleted from the trash."),
            note=_("permanently deleted while its outcome was unknown"),
        )


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
        Report.objects.filter(generation_id=generation_id).exclude(note="").update(note="")
        Generation.objects.filter(id=generation_id).update(files_gone=True)


def _names(image: Image) -> set[str]:
    """Return the names of all files, also those without a row: previews, and thumbnails whose maker died in between."""
    expected = {preview_name(image.attempt_id), *(thumbnail_name(image.attempt_id, width) for width in WIDTHS)}
    received = {image.received_path} - {""}
    return {image.path, *received, *expected, *image.thumbnails.values_list("path", flat=True)}
