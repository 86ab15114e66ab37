"""What a team spent; every sum is a sum over attempts, the only things that cost money."""

from datetime import datetime
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Sum
from django.utils import timezone

from generations.models import Attempt, Team, first_id_at

REMEMBER_SECONDS = 10


def spent_this_month(team: Team) -> Decimal:
    """US dollars since the first of the month, local time; estimates included; at most ten seconds old.

    Every page shows it, and the sum grows with the month.
    """
    first = _first_of_month()
    return cache.get_or_set(_key(team, first), lambda: _sum_since(team, first), REMEMBER_SECONDS) or Decimal(0)


def forget(team: Team) -> None:
    """A picture has come: the next page shows its cost."""
    cache.delete(_key(team, _first_of_month()))


def _key(team: Team, first: datetime) -> str:
    return f"spent:{team.pk}:{first:%Y-%m}"


def _first_of_month() -> datetime:
    return timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _sum_since(team: Team, first: datetime) -> Decimal:
    rows = Attempt.objects.filter(generation__team=team, generation__gte=first_id_at(first), cost__isnull=False)
    total: Decimal | None = rows.aggregate(total=Sum("cost"))["total"]
    return total or Decimal(0)
