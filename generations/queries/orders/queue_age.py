"""Age of the queue by the database's clock, and detection of workers that claim nothing."""

from datetime import timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, FilteredRelation, Min, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Now

from generations.conf import conf
from generations.models import OPEN, Generation, State

# A free worker takes a message within milliseconds; on a busy machine within seconds.
TAKEN_WITHIN = timedelta(seconds=10)


def oldest_waiting() -> float | None:
    """Return the seconds since the oldest queued row was queued, also if it is not due; None for an empty queue."""
    rows = Generation.objects.filter(state=State.QUEUED)
    return _seconds(rows.aggregate(age=_since(Min("queued_at"))))


def oldest_running() -> float | None:
    """Return the seconds since the oldest running call was sent (or leased, while unsent); None when none runs."""
    leased = ExpressionWrapper(F("lease_until") - timedelta(seconds=conf().lease_seconds), output_field=DateTimeField())
    rows = Generation.objects.filter(state=State.RUNNING).annotate(
        attempt=FilteredRelation("attempts", condition=Q(attempts__state__in=OPEN))
    )
    # A charged answer that waits for its file is not a running call any more.
    rows = rows.filter(attempt__next_download_at=None)
    return _seconds(rows.aggregate(age=_since(Min(Coalesce("attempt__sent_at", leased)))))


def is_starving(idle_seconds: float) -> bool:
    """Return whether a row has been due for this long, was enqueued, and no worker has claimed it.

    The time of the last message alone proves little, because the sweeper enqueues again every minute.
    """
    due = Generation.objects.filter(state=State.QUEUED, available_at__lte=Now() - timedelta(seconds=idle_seconds))
    return due.filter(enqueued_at__lte=Now() - TAKEN_WITHIN).exists()


def _since(moment: Combinable) -> Combinable:
    return ExpressionWrapper(Now() - moment, output_field=DurationField())


def _seconds(found: dict[str, timedelta | None]) -> float | None:
    age = found["age"]
    return None if age is None else max(0.0, age.total_seconds())
