"""What a team spent; every sum is a sum over ledger entries."""

from datetime import datetime
from decimal import Decimal

from django.core.cache import cache
from django.utils import timezone

from generations import ledger
from generations.models import Team

CACHE_SECONDS = 10


def spent_this_month(team: Team) -> Decimal:
    """US dollars since the first of the month, local time; estimates included; at most ten seconds old.

    Every page shows it, and the sum grows with the month.
    """
    first = _first_of_month()
    return cache.get_or_set(_key(team, first), lambda: ledger.spent(team, first), CACHE_SECONDS) or Decimal(0)


def clear_cache(team: Team) -> None:
    """A picture has come: the next page shows its cost."""
    cache.delete(_key(team, _first_of_month()))


def _key(team: Team, first: datetime) -> str:
    return f"spent:{team.pk}:{first:%Y-%m}"


def _first_of_month() -> datetime:
    return ledger.month_of(timezone.now())[0]
