"""Why generation is paused, for the banner and the provider page."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.cache import cache

from generations.models import BalanceReading, Generation, PauseCause, ProviderPause, State

CACHE_SECONDS = 2
KEY = "pause-banner"
MAX_COUNTED = 1000
# Of several open pauses the banner shows the first in this order.
ORDER = list(PauseCause.values)


@dataclass(frozen=True)
class Banner:
    """The open pause that the pages show.

    `waiting` counts queued pictures of all teams, up to MAX_COUNTED; `balance` and `needed` are US dollars, where
    known.
    """

    cause: PauseCause
    reason: str
    since: datetime
    balance: Decimal | None
    needed: Decimal | None
    waiting: int
    next_probe: datetime | None

    @property
    def by_hand(self) -> bool:
        return self.cause == PauseCause.BY_HAND


def banner() -> Banner | None:
    """Return the banner, or None while nothing is paused; at most two seconds old, because every page asks."""
    known: tuple[Banner | None] | None = cache.get(KEY)
    if known is None:
        known = (_banner(),)
        cache.set(KEY, known, CACHE_SECONDS)
    return known[0]


def clear_cache() -> None:
    """Make the next call of `banner` read the database."""
    cache.delete(KEY)


def _banner() -> Banner | None:
    paused = sorted(ProviderPause.objects.filter(ended_at=None), key=lambda one: ORDER.index(one.cause))
    if not paused:
        return None
    first = paused[0]
    waiting = Generation.objects.filter(state=State.QUEUED)[:MAX_COUNTED].count()
    return Banner(
        PauseCause(first.cause), first.reason, first.started_at, first.balance, first.needed, waiting, first.probe_at
    )


def pause_history(limit: int = 20) -> list[ProviderPause]:
    """Return the latest pauses, open and ended."""
    return list(ProviderPause.objects.select_related("started_by", "ended_by")[:limit])


def balance_readings(limit: int = 20) -> list[BalanceReading]:
    """Return the latest readings of the present provider's balance."""
    return list(BalanceReading.objects.of_this_provider("read_at")[:limit])
