"""When the file that a paid answer leads to is downloaded, when it is tried again, and when it is given up."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from generations.conf import conf
from generations.errors import NotDownloaded, UnlistedHost, UnusableAnswer
from generations.models import Attempt, AttemptState

# The pauses double, so the last try is almost six hours after the first: an outage of the file host is outlived.
MAX_DOWNLOADS = 12
FIRST_PAUSE = timedelta(seconds=10)
# A download ends within a minute (`account.DOWNLOAD_SECONDS`); one that has not was cut off with its process.
IN_PROGRESS = timedelta(seconds=65)
# The provider deletes the file then: https://docs.segmind.com, "Output retention".
FILE_EXPIRY = timedelta(days=7)
# An administrator has to add the host; the answer can be readmitted afterwards all the same.
UNLISTED_EXPIRY = timedelta(days=1)
UNLISTED_PAUSE = KEEP_AGAIN = timedelta(minutes=1)


def begin_download(attempt_id: uuid.UUID) -> bool:
    """Take the turn to download, and count it. False when it is not due, or was tried as often as it may be."""
    due = Q(download_at=None) | Q(download_at__lte=Now())
    mine = Attempt.objects.filter(due, id=attempt_id, state=AttemptState.ANSWERED, downloads__lt=MAX_DOWNLOADS)
    return mine.update(downloads=F("downloads") + 1, download_at=Now() + IN_PROGRESS) == 1


def is_exhausted(attempt_id: uuid.UUID) -> NotDownloaded | None:
    """Return the last failure when every try is used up and none is under way: the process of the last one died."""
    over = Attempt.objects.filter(
        id=attempt_id, state=AttemptState.ANSWERED, downloads__gte=MAX_DOWNLOADS, download_at__lte=Now()
    )
    found = over.values_list("download_error", flat=True).first()
    return None if found is None else NotDownloaded(found or "The file can't be downloaded yet.")


def last_failure(error: UnusableAnswer) -> UnusableAnswer:
    """Return the failure in the words for a file that is not tried any more."""
    return UnusableAnswer(error.message.replace("can't be downloaded yet", "could not be downloaded"))


def return_try(attempt_id: uuid.UUID, why: str) -> None:
    """Undo a try whose file came and could not be kept; the next one is due in a minute."""
    Attempt.objects.filter(id=attempt_id, state=AttemptState.ANSWERED).update(
        downloads=F("downloads") - 1, download_at=Now() + KEEP_AGAIN, download_error=why
    )


def finish_download(attempt_id: uuid.UUID) -> None:
    """Note that the file is on this site's disk."""
    Attempt.objects.filter(id=attempt_id).update(download_at=None, download_error="")


def postpone(attempt_id: uuid.UUID, error: UnusableAnswer) -> bool:
    """Note why a try failed, and when the next one is due. False when there is none, and the file is given up."""
    attempt = Attempt.objects.get(id=attempt_id)
    unlisted = isinstance(error, UnlistedHost)
    expiry = UNLISTED_EXPIRY if unlisted else FILE_EXPIRY
    pause = UNLISTED_PAUSE if unlisted else FIRST_PAUSE * 2 ** max(0, attempt.downloads - 1)
    expires = _charged_at(attempt) + expiry
    if timezone.now() + pause >= expires or (attempt.downloads >= MAX_DOWNLOADS and not unlisted):
        return False
    changes: dict[str, Any] = {"download_at": Now() + pause, "download_error": error.message}
    if unlisted:
        # Nothing was asked of that host.
        changes["downloads"] = F("downloads") - 1
    Attempt.objects.filter(id=attempt_id, state=AttemptState.ANSWERED).update(**changes)
    return True


def _charged_at(attempt: Attempt) -> datetime:
    """When the provider made the file, at the latest: an answer may be found weeks after that."""
    answered = attempt.answered_at or timezone.now()
    return min(answered, attempt.sent_at + timedelta(seconds=conf().timeout)) if attempt.sent_at else answered
