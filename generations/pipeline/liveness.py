"""Whether the queue moves: ages by the database's clock, and the sign of a worker that takes nothing."""

from datetime import timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, FilteredRelation, Min, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from generations.conf import conf
from generations.models import OPEN, Generation, State

# A worker that is free takes a message within milliseconds; one on a busy machine within seconds.
TAKEN_WITHIN = timedelta(seconds=10)


def oldest_waiting() -> float | None:
    """Seconds since the oldest queued row was ordered, also while it waits for its time; None when none is queued."""
    rows = Generation.objects.filter(state=State.QUEUED)
    return _seconds(rows.aggregate(age=_since(Min("queued_at"))))


def oldest_running() -> float | None:
    """Seconds since the oldest call left (or its lease was taken, while it has not); None when none is running."""
    leased = ExpressionWrapper(F("lease_until") - timedelta(seconds=conf().lease_seconds), output_field=DateTimeField())
    rows = Generation.objects.filter(state=State.RUNNING).annotate(
        attempt=FilteredRelation("attempts", condition=Q(attempts__state__in=OPEN))
    )
    # What is charged and waits for its file is nobody's call any more.
    rows = rows.filter(attempt__download_at=None)
    return _seconds(rows.aggregate(age=_since(Min(Coalesce("attempt__sent_at", leased)))))


def is_starving(idle_seconds: float) -> bool:
    """Whether a row has been due for so long, was rung for, and nobody took it.

    The time of the last ring alone says little: the sweeper rings again every minute.
    """
    due = Generation.objects.filter(state=State.QUEUED, available_at__lte=Now() - timedelta(seconds=idle_seconds))
    return due.filter(enqueued_at__lte=Now() - TAKEN_WITHIN).exists()


def _since(moment: Combinable) -> Combinable:
    return ExpressionWrapper(Now() - moment, output_field=DurationField())


def _seconds(found: dict[str, timedelta | None]) -> float | None:
    age = found["age"]
    return None if age is None else max(0.0, age.total_seconds())
