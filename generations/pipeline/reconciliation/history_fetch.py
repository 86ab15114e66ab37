"""The provider's history of the days on which some attempts were sent."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from generations.conf import conf
from generations.errors import ProviderError
from generations.models import Attempt
from generations.pipeline.reconciliation import history_matching
from generations.pipeline.worker.store import free_connection
from generations.providers.base import PastCall, Provider

logger = logging.getLogger(__name__)
# Seconds.
MAX_INTERVAL_SECONDS, FIRST_RESUME = 3600.0, 5.0


def schedule_next_lookup(attempt: Attempt) -> None:
    """At growing intervals, up to an hour: from a few seconds where the provider can be asked by the request id, which
    is one small question about a picture that may be ready any moment.
    """
    Attempt.objects.filter(id=attempt.id).update(
        asks=F("asks") + 1, asked_at=Now(), ask_at=_after(attempt, FIRST_RESUME if attempt.request_id else None)
    )


def is_beyond_history(attempt: Attempt) -> None:
    """Its request id leads nowhere, so the next time only the history can tell; that is long, and late anyway."""
    Attempt.objects.filter(id=attempt.id).update(ask_at=_after(attempt))


def _after(attempt: Attempt, first: float | None = None) -> Any:
    seconds = (first or conf().probe_seconds) * 2 ** min(attempt.asks, 10)
    return Now() + timedelta(seconds=min(MAX_INTERVAL_SECONDS, seconds))


def history_around(
    attempts: Sequence[Attempt], provider: Provider
) -> Iterator[tuple[list[Attempt], list[PastCall] | None]]:
    """Day by day: where an old one is left over, all calls since then may be more than can be read.

    None where that day cannot be read; its attempts then know why.
    """
    for day in _days(attempts):
        free_connection()
        try:
            rows = list(provider.past(*_around(day)))
        except ProviderError as error:
            words = error.cause
            logger.warning("the provider's history cannot be read: %s", words)
            _note_trouble(day, f"The provider's history of calls cannot be read now ({words}).")
            yield day, None
        else:
            _note_trouble(day, "")
            yield day, rows


def sent(attempt: Attempt) -> datetime:
    """What is looked up was sent; a constraint of the table says so."""
    return attempt.sent_at or timezone.now()


def _days(attempts: Sequence[Attempt]) -> Iterator[list[Attempt]]:
    def day(attempt: Attempt) -> datetime:
        return sent(attempt).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    return (list(those) for _, those in groupby(sorted(attempts, key=sent), key=day))


def _around(day: Sequence[Attempt]) -> tuple[datetime, datetime]:
    longest = timedelta(seconds=conf().timeout)
    return sent(day[0]) - history_matching.CLOCKS_DIFFER, sent(day[-1]) + longest + history_matching.CLOCKS_DIFFER


def _note_trouble(day: Sequence[Attempt], sentence: str) -> None:
    """For the pictures' own pages: as long as it lasts, nothing is settled by the history."""
    Attempt.objects.filter(id__in=[one.id for one in day]).exclude(ask_error=sentence).update(ask_error=sentence)
