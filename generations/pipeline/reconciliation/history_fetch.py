"""Fetching the provider's history of calls for the days on which some attempts were sent."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import ProviderError
from generations.models import Attempt
from generations.pipeline.reconciliation import history_matching
from generations.pipeline.worker.store import free_connection
from generations.providers.base import PastCall, Provider

logger = logging.getLogger(__name__)
MAX_INTERVAL_SECONDS, FIRST_RESUME = 3600.0, 5.0


def schedule_next_lookup(attempt: Attempt) -> None:
    """Schedule the next lookup of an attempt, at growing intervals up to an hour.

    The first interval is a few seconds when the attempt has a request id, because then one small request is enough and
    the picture may be ready at any moment.
    """
    Attempt.objects.filter(id=attempt.id).update(
        lookup_count=F("lookup_count") + 1,
        last_lookup_at=Now(),
        next_lookup_at=_after(attempt, FIRST_RESUME if attempt.request_id else None),
    )


def is_beyond_history(attempt: Attempt) -> None:
    """Schedule the next lookup of an attempt whose request id is unknown to the provider.

    Only the history can settle it then. It is long and lists a call late, so the first interval is longer.
    """
    Attempt.objects.filter(id=attempt.id).update(next_lookup_at=_after(attempt))


def _after(attempt: Attempt, first: float | None = None) -> Any:
    seconds = (first or conf().probe_seconds) * 2 ** min(attempt.lookup_count, 10)
    return Now() + timedelta(seconds=min(MAX_INTERVAL_SECONDS, seconds))


def history_around(
    attempts: Sequence[Attempt], provider: Provider
) -> Iterator[tuple[list[Attempt], list[PastCall] | None]]:
    """Yield the attempts of each day with the history around them, None where it cannot be read.

    Day by day, because the history of all days since one old attempt may be too long to read. The reason why a day
    cannot be read is stored on its attempts.
    """
    for day in _days(attempts):
        free_connection()
        try:
            rows = list(provider.past(*_around(day)))
        except ProviderError as error:
            words = error.cause
            logger.warning("the provider's history cannot be read: %s", words)
            _note_trouble(day, _("The provider's call history can't be read right now (%(cause)s).") % {"cause": words})
            yield day, None
        else:
            _note_trouble(day, "")
            yield day, rows


def sent(attempt: Attempt) -> datetime:
    """Return when an attempt was sent. A constraint of the table ensures that every attempt looked up has a time."""
    return attempt.sent_at or timezone.now()


def _days(attempts: Sequence[Attempt]) -> Iterator[list[Attempt]]:
    def day(attempt: Attempt) -> datetime:
        return sent(attempt).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    return (list(those) for _, those in groupby(sorted(attempts, key=sent), key=day))


def _around(day: Sequence[Attempt]) -> tuple[datetime, datetime]:
    longest = timedelta(seconds=conf().timeout)
    return sent(day[0]) - history_matching.CLOCKS_DIFFER, sent(day[-1]) + longest + history_matching.CLOCKS_DIFFER


def _note_trouble(day: Sequence[Attempt], sentence: str) -> None:
    """Store on the attempts why the history cannot be read, for the pictures' pages; empty once it can be read."""
    Attempt.objects.filter(id__in=[one.id for one in day]).exclude(lookup_error=sentence).update(lookup_error=sentence)
