"""Sums over stretches of time, for many stretches at little cost."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import accumulate


class RunningSums:
    """Amounts at moments, added up once."""

    def __init__(self, amounts: Iterable[tuple[datetime, Decimal]]) -> None:
        pairs = sorted(amounts)
        self._moments = [moment for moment, _ in pairs]
        self._totals = list(accumulate((amount for _, amount in pairs), initial=Decimal(0)))

    def between(self, since: datetime, until: datetime) -> Decimal:
        """What lies after `since`, up to `until`."""
        return self._totals[bisect_right(self._moments, until)] - self._totals[bisect_right(self._moments, since)]
