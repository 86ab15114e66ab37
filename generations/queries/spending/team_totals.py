"""A team's spending; every sum is a sum over ledger entries."""

from datetime import datetime
from decimal import Decimal

from django.core.cache import cache
from django.utils import timezone

from generations import ledger
from generations.models import Team

CACHE_SECONDS = 10


def spent_this_month(team: Team) -> Decimal:
    """Return the US dollars spent since the first of the month in local time, estimates included.

    Cached for CACHE_SECONDS, because every page shows it and the sum's cost grows with the month.
    """
    first = _first_of_month()
    return cache.get_or_set(_key(team, first), lambda: ledger.spent(team, first), CACHE_SECONDS) or Decimal(0)


def clear_cache(team: Team) -> None:
    """Delete the cached sum after a charge, so that the next page shows it."""
    cache.delete(_key(team, _first_of_month()))


def _key(team: Team, first: datetime) -> str:
    return f"spent:{team.pk}:{first:%Y-%m}"


def _first_of_month() -> datetime:
    return ledger.month_of(timezone.now())[0]
