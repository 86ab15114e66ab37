"""Review of spending in a period: by dimension, by user, and how much of it was kept.

Each figure is a sum over ledger entries; past days are read from `ledger.days`.
"""

from generations.queries.spending.review.entries import entries, sum_of_entries
from generations.queries.spending.review.figures import (
    COUNTED_TWICE,
    DIMENSIONS,
    BreakdownRow,
    DayRow,
    Totals,
    by_day,
    spent_by,
    totals,
)
from generations.queries.spending.review.forecast import CreditLeft, Forecast, credit_left, forecast
from generations.queries.spending.review.keep_rate import KEEP_RATE_DIMENSIONS, KeepRate, keep_rate
from generations.queries.spending.review.period import MAX_DAYS, Period, last_days, month_around, today
from generations.queries.spending.review.scope import Scope

__all__ = [
    "COUNTED_TWICE",
    "DIMENSIONS",
    "KEEP_RATE_DIMENSIONS",
    "MAX_DAYS",
    "BreakdownRow",
    "CreditLeft",
    "DayRow",
    "Forecast",
    "KeepRate",
    "Period",
    "Scope",
    "Totals",
    "by_day",
    "credit_left",
    "entries",
    "forecast",
    "keep_rate",
    "last_days",
    "month_around",
    "spent_by",
    "sum_of_entries",
    "today",
    "totals",
]  # fmt: skip
