"""Why nothing is sent, as pages say it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.core.cache import cache

from generations.models import BalanceReading, Cause, Generation, ProviderPause, State

CACHE_SECONDS = 2
KEY = "pause-banner"
MAX_COUNTED = 1000
# The first one that is open is shown; the others matter when it is over.
ORDER = list(Cause.values)


@dataclass(frozen=True)
class Banner:
    """`waiting` counts all teams' pictures, up to a thousand; `balance` and `needed` are US dollars, where known."""

    cause: Cause
    reason: str
    since: datetime
    balance: Decimal | None
    needed: Decimal | None
    waiting: int
    next_probe: datetime | None

    @property
    def by_hand(self) -> bool:
        return self.cause == Cause.BY_HAND


def banner() -> Banner | None:
    """None while orders are sent. Every page asks, so the answer may be two seconds old."""
    known: tuple[Banner | None] | None = cache.get(KEY)
    if known is None:
        known = (_banner(),)
        cache.set(KEY, known, CACHE_SECONDS)
    return known[0]


def clear_cache() -> None:
    """The next page looks again."""
    cache.delete(KEY)


def _banner() -> Banner | None:
    paused = sorted(ProviderPause.objects.filter(ended_at=None), key=lambda one: ORDER.index(one.cause))
    if not paused:
        return None
    first = paused[0]
    waiting = Generation.objects.filter(state=State.QUEUED)[:MAX_COUNTED].count()
    return Banner(
        Cause(first.cause), first.reason, first.started_at, first.balance, first.needed, waiting, first.probe_at
    )


def pause_history(limit: int = 20) -> list[ProviderPause]:
    return list(ProviderPause.objects.select_related("started_by", "ended_by")[:limit])


def balance_readings(limit: int = 20) -> list[BalanceReading]:
    return list(BalanceReading.objects.of_this_provider("read_at")[:limit])
