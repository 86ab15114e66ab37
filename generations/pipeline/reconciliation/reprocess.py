"""Reprocessing of answers that were paid for and rejected, after the cause of the rejection is fixed."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from generations.errors import GalleryError
from generations.models import OPEN, Attempt, AttemptState, Generation, State
from generations.pipeline.worker.claim import move_attempt
from generations.pipeline.worker.store import accept
from generations.providers.base import Provider
from generations.storage import spool


def reprocess(attempt_id: uuid.UUID, provider: Provider) -> Attempt:
    """Validate and store a kept answer again, at no cost; return the attempt afterwards.

    Raises GalleryError when no answer is kept, or its picture is not wanted any more.
    """
    _take_back(attempt_id)
    answer = spool.read(attempt_id)
    if answer is None:
        raise GalleryError(_("The sweeper is processing attempt %(id)s. Check its picture.") % {"id": attempt_id})
    accept(attempt_id, answer, provider)
    return Attempt.objects.get(id=attempt_id)


@transaction.atomic
def _take_back(attempt_id: uuid.UUID) -> None:
    """Move the answer back to the spool, and the attempt to `answered`.

    The file moves before the commit: an attempt in the state `answered` always has its file in the spool, and the
    sweeper sets a file of a rejected attempt aside again.
    """
    attempt = Attempt.objects.filter(id=attempt_id).first()
    if attempt is None or not spool.is_set_aside(attempt_id):
        raise GalleryError(_("Attempt %(id)s has no saved response.") % {"id": attempt_id})
    # Locked, because a user may accept a second charge at this moment.
    generation = Generation.objects.select_for_update().get(id=attempt.generation_id)
    others = generation.attempts.exclude(id=attempt_id).filter(state__in=[*OPEN, AttemptState.STORED])
    if generation.state != State.FAILED or others.exists():
        text = _("The picture for attempt %(id)s is “%(state)s”; another attempt replaced this one.")
        raise GalleryError(text % {"id": attempt_id, "state": generation.state})
    anew = {"rejection": "", "download_count": 0, "next_download_at": None, "download_error": ""}
    if not move_attempt(attempt_id, [AttemptState.REJECTED], AttemptState.ANSWERED, **anew):
        text = _("Attempt %(id)s is “%(state)s”. Only rejected attempts can be processed again.")
        raise GalleryError(text % {"id": attempt_id, "state": attempt.state})
    spool.take_back(attempt_id)
