"""Schedule of downloads of the files that paid answers link to: when each is tried, tried again and given up."""

import uuid
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import NotDownloaded, UnlistedHost, UnusableAnswer
from generations.models import MAX_DOWNLOADS, UNLISTED_EXPIRY, Attempt, AttemptState

FIRST_PAUSE = timedelta(seconds=10)
# A download ends within a minute (`account.DOWNLOAD_SECONDS`); a longer one was interrupted with its process.
IN_PROGRESS = timedelta(seconds=65)
# The provider deletes files after this time: https://docs.segmind.com, "Output retention".
FILE_EXPIRY = timedelta(days=7)
UNLISTED_PAUSE = KEEP_AGAIN = timedelta(minutes=1)


def begin_download(attempt_id: uuid.UUID) -> bool:
    """Count a download and reserve it for this process; return False when it is not due or all tries are used."""
    due = Q(next_download_at=None) | Q(next_download_at__lte=Now())
    mine = Attempt.objects.filter(due, id=attempt_id, state=AttemptState.ANSWERED, download_count__lt=MAX_DOWNLOADS)
    return mine.update(download_count=F("download_count") + 1, next_download_at=Now() + IN_PROGRESS) == 1


def is_exhausted(attempt_id: uuid.UUID) -> NotDownloaded | None:
    """Return the last failure when all tries are used and none is running; None otherwise.

    Needed when the process of the last try died.
    """
    over = Attempt.objects.filter(
        id=attempt_id, state=AttemptState.ANSWERED, download_count__gte=MAX_DOWNLOADS, next_download_at__lte=Now()
    )
    found = over.values_list("download_error", flat=True).first()
    return None if found is None else NotDownloaded(found or _("The file couldn't be downloaded."))


def return_try(attempt_id: uuid.UUID, why: str) -> None:
    """Undo the count of a try whose file arrived but could not be stored; the next one is due in a minute."""
    Attempt.objects.filter(id=attempt_id, state=AttemptState.ANSWERED).update(
        download_count=F("download_count") - 1, next_download_at=Now() + KEEP_AGAIN, download_error=why
    )


def finish_download(attempt_id: uuid.UUID) -> None:
    """Record that the file is on this site's disk."""
    Attempt.objects.filter(id=attempt_id).update(next_download_at=None, download_error="")


def postpone(attempt_id: uuid.UUID, error: UnusableAnswer) -> bool:
    """Record why a try failed and when the next one is due; return False when the file is given up."""
    attempt = Attempt.objects.get(id=attempt_id)
    unlisted = isinstance(error, UnlistedHost)
    expiry = UNLISTED_EXPIRY if unlisted else FILE_EXPIRY
    pause = UNLISTED_PAUSE if unlisted else FIRST_PAUSE * 2 ** max(0, attempt.download_count - 1)
    expires = _charged_at(attempt) + expiry
    if timezone.now() + pause >= expires or (attempt.download_count >= MAX_DOWNLOADS and not unlisted):
        return False
    changes: dict[str, object] = {"next_download_at": Now() + pause, "download_error": error.message}
    if unlisted:
        # No request was sent to that host.
        changes["download_count"] = F("download_count") - 1
    Attempt.objects.filter(id=attempt_id, state=AttemptState.ANSWERED).update(**changes)
    return True


def _charged_at(attempt: Attempt) -> datetime:
    """Return the latest time at which the provider made the file, since an answer may be found weeks later."""
    answered = attempt.answered_at or timezone.now()
    return min(answered, attempt.sent_at + timedelta(seconds=conf().timeout)) if attempt.sent_at else answered
