"""Sums of amounts over many intervals of time, at little cost."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import accumulate


class RunningSums:
    """Amounts at moments, accumulated once."""

    def __init__(self, amounts: Iterable[tuple[datetime, Decimal]]) -> None:
        pairs = sorted(amounts)
        self._moments = [moment for moment, _ in pairs]
        self._totals = list(accumulate((amount for _, amount in pairs), initial=Decimal(0)))

    def between(self, since: datetime, until: datetime) -> Decimal:
        """Return the sum of the amounts after `since`, up to and including `until`."""
        return self._totals[bisect_right(self._moments, until)] - self._totals[bisect_right(self._moments, since)]
