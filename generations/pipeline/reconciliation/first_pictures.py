"""The provider's balance after the first live picture of a team."""

import logging
from datetime import timedelta
from decimal import Decimal

from django.db.models.functions import Now
from django.utils import timezone

from generations.conf import conf
from generations.errors import ProviderError
from generations.models import FirstPicture, State
from generations.pipeline.balance_readings import TOLERANCE
from generations.pipeline.circuit_breaker.probes import read_balance
from generations.pipeline.worker.store import free_connection
from generations.providers.base import Provider

logger = logging.getLogger(__name__)
# How long the balance may take to show the charge, and after which it is not read any more.
MAX_DELAY, GIVE_UP = timedelta(minutes=1), timedelta(hours=1)

FINISHED = (State.DONE, State.FAILED)


def read_balances_after(provider: Provider) -> int:
    """Store the balance after each first picture that is finished, and return how many those are.

    A balance that has not fallen by the charge is read again for a minute: the provider may be late.
    """
    finished = FirstPicture.objects.filter(balance_after=None, generation__state__in=FINISHED)
    due = list(finished.filter(generation__finished_at__gt=Now() - GIVE_UP).select_related("generation"))
    if conf().emulated or not due:
        return 0
    free_connection()
    try:
        now = read_balance(provider).total
    except ProviderError as error:
        logger.info("the balance after a first picture cannot be read now: %s", error.cause)
        return 0
    return sum(_store(one, now) for one in due if _is_settled(one, now))


def _is_settled(one: FirstPicture, now: Decimal) -> bool:
    """Return whether the balance shows the charge, or had the time to."""
    charge, finished = one.generation.cost or Decimal(0), one.generation.finished_at
    if abs(one.balance_before - now - charge) < TOLERANCE:
        return True
    return finished is not None and timezone.now() - finished > MAX_DELAY


def _store(one: FirstPicture, now: Decimal) -> int:
    rows = FirstPicture.objects.filter(team=one.team_id, generation=one.generation_id, balance_after=None)
    return rows.update(balance_after=now, read_at=Now())
