"""Opening of the circuit breaker while the provider keeps failing or delivers nothing.

Each further call would fail, leave one more unknown outcome, or be paid for nothing.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import ProviderError
from generations.models import Attempt, AttemptState, PauseCause, ProviderPause, Rejection, uuid7_min
from generations.pipeline.circuit_breaker.pauses import end, first_probe, is_failing, pause

SAMPLE_SIZE, TOO_MANY = 10, 5
WINDOW = timedelta(minutes=2)
ENDED = [AttemptState.NOT_BILLED, AttemptState.UNKNOWN, AttemptState.STORED, AttemptState.REJECTED]
# Refused connections and timeouts are stored as 0. A worker's death leaves null: the provider is not its cause.
FAILED = Q(state=AttemptState.UNKNOWN, http_status__isnull=False) | (
    Q(state=AttemptState.NOT_BILLED) & (Q(http_status__gte=500) | Q(http_status=0))
)

IN_A_ROW = 3
UNDELIVERED_WINDOW = timedelta(minutes=10)
# Charged, and no picture yet or ever. An attempt may also be rejected because another try came first; that is no
# failure.
UNDELIVERED = Q(
    state=AttemptState.REJECTED,
    rejection__in=[Rejection.UNUSABLE, Rejection.NOT_DOWNLOADED, Rejection.LOST_IN_TRANSIT],
) | (Q(state=AttemptState.ANSWERED) & ~Q(download_error=""))


def note_error(error: ProviderError) -> None:
    """Pause when five of the latest ten attempts failed within two minutes.

    Called after an attempt has ended in the database.
    """
    if is_failing(error) and failures() >= TOO_MANY:
        sentence = _("The provider keeps failing. Last error: %(error)s") % {"error": error.message}
        pause(PauseCause.FAILING, sentence, probe_in=conf().breaker_seconds)


def failures() -> int:
    """Return how many of the latest ten attempts that ended in the last two minutes failed because of the provider.

    Attempts from before the end of the last pause do not count, so that one more failure does not pause again.
    """
    # Filtered by the id, which holds the time of the reservation, because the id is indexed.
    began = uuid7_min(timezone.now() - WINDOW - timedelta(seconds=conf().lease_seconds))
    ended = Attempt.objects.filter(id__gte=began, finished_at__gte=Now() - WINDOW, state__in=ENDED)
    if last := ProviderPause.objects.filter(cause=PauseCause.FAILING, ended_at__gte=Now() - WINDOW).first():
        ended = ended.filter(finished_at__gt=last.ended_at)
    latest = ended.order_by("-finished_at").values("id")[:SAMPLE_SIZE]
    return Attempt.objects.filter(FAILED, id__in=list(latest.values_list("id", flat=True))).count()


def note_undelivered(sentence: str) -> None:
    """Pause at the third charged answer in a row within ten minutes that brought no picture.

    Called after an attempt was rejected, or its file could not be downloaded.
    """
    if _all_undelivered():
        text = _("%(count)s requests in a row were charged but returned no picture. Last error: %(error)s")
        text %= {"count": IN_A_ROW, "error": sentence}
        pause(PauseCause.UNUSABLE, text, probe_in=first_probe(PauseCause.UNUSABLE))


def note_download(attempt: Attempt) -> None:
    """End a pause that failed downloads caused, after a file that could not be downloaded before has arrived."""
    for paused in ProviderPause.objects.filter(cause=PauseCause.UNUSABLE, ended_at=None):
        before = _charged(paused.started_at - UNDELIVERED_WINDOW).exclude(id=attempt.id)
        if AttemptState.REJECTED not in before.values_list("state", flat=True)[:IN_A_ROW]:
            end(_("A file was downloaded again."), id=paused.id)


def _all_undelivered() -> bool:
    """Return whether the latest three charged answers brought no picture.

    Counted by the time of the answer: a file that is given up after hours was counted at its first failed download.
    """
    answered = _charged(timezone.now() - UNDELIVERED_WINDOW)
    if last := ProviderPause.objects.filter(
        cause=PauseCause.UNUSABLE, ended_at__gte=Now() - UNDELIVERED_WINDOW
    ).first():
        answered = answered.filter(answered_at__gt=last.ended_at)
    latest = answered.values_list("state", flat=True)[:IN_A_ROW]
    return len(latest) == IN_A_ROW and AttemptState.STORED not in list(latest)


def _charged(since: datetime) -> "QuerySet[Attempt]":
    """Return the attempts charged since then, with or without a picture, the latest first."""
    began = uuid7_min(since - timedelta(seconds=conf().lease_seconds))
    charged = Attempt.objects.filter(UNDELIVERED | Q(state=AttemptState.STORED), id__gte=began, answered_at__gte=since)
    return charged.order_by("-answered_at")
