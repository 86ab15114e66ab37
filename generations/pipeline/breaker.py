"""Stops sending while the provider keeps failing: each further call would fail, leave one more doubt, or be paid for
nothing.
"""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from generations.conf import conf
from generations.errors import GalleryError, ProviderError
from generations.models import Attempt, AttemptState, Cause, ProviderPause, first_id_at
from generations.pipeline.pauses import first_probe, is_failing, pause

LATEST, TOO_MANY = 10, 5
WINDOW = timedelta(minutes=2)
ENDED = [AttemptState.NOT_BILLED, AttemptState.UNKNOWN, AttemptState.STORED, AttemptState.REJECTED]
# Refused connections and silence are written as 0. A worker's death leaves null: it is no fault of the provider.
FAILED = Q(state__in=[AttemptState.NOT_BILLED, AttemptState.UNKNOWN]) & (Q(http_status__gte=500) | Q(http_status=0))

IN_A_ROW = 3
UNUSABLE_WINDOW = timedelta(minutes=10)
# A picture may be fetched for so long before its answer is given up.
LONGEST_WAY = timedelta(hours=1)
# How the reason of such an attempt begins. Others are rejected because another try had come first.
NO_PICTURE = "Paid for, but no picture came:"


def note_error(error: ProviderError) -> None:
    """Called after an attempt has ended in the database; pauses when half of the latest ten failed in two minutes."""
    if is_failing(error) and failures() >= TOO_MANY:
        sentence = f"The provider keeps failing; the last answer was: {error.message}"
        pause(Cause.FAILING, sentence, probe_in=conf().breaker_seconds)


def failures() -> int:
    """How many of the latest attempts that ended in the last two minutes failed by themselves.

    After a pause counting begins anew: one more failure must not stop everything again.
    """
    # Bounded by the id, the time of the reservation, because that is indexed.
    began = first_id_at(timezone.now() - WINDOW - timedelta(seconds=conf().lease_seconds))
    ended = Attempt.objects.filter(id__gte=began, finished_at__gte=Now() - WINDOW, state__in=ENDED)
    if last := ProviderPause.objects.filter(cause=Cause.FAILING, ended_at__gte=Now() - WINDOW).first():
        ended = ended.filter(finished_at__gt=last.ended_at)
    latest = ended.order_by("-finished_at").values("id")[:LATEST]
    return Attempt.objects.filter(FAILED, id__in=list(latest.values_list("id", flat=True))).count()


def note_unusable(error: GalleryError) -> None:
    """Called after an answer was rejected; pauses at the third in ten minutes with no picture stored between."""
    if _all_unusable():
        sentence = f"{IN_A_ROW} answers in a row were charged and held no picture; the last one: {error.message}"
        pause(Cause.UNUSABLE, sentence, probe_in=first_probe(Cause.UNUSABLE))


def _all_unusable() -> bool:
    began = first_id_at(timezone.now() - UNUSABLE_WINDOW - LONGEST_WAY - timedelta(seconds=conf().lease_seconds))
    answered = Q(state=AttemptState.STORED) | Q(state=AttemptState.REJECTED, reason__startswith=NO_PICTURE)
    ended = Attempt.objects.filter(answered, id__gte=began, finished_at__gte=Now() - UNUSABLE_WINDOW)
    if last := ProviderPause.objects.filter(cause=Cause.UNUSABLE, ended_at__gte=Now() - UNUSABLE_WINDOW).first():
        ended = ended.filter(finished_at__gt=last.ended_at)
    latest = ended.order_by("-finished_at").values_list("state", flat=True)[:IN_A_ROW]
    return list(latest) == [AttemptState.REJECTED] * IN_A_ROW
