"""Money: the only writer of ledger entries, the sums over them, and what limits them. US dollars, Decimal.

`entries` writes; `sums` adds up; `days` keeps the sums of days that are over; `budgets` stands before every hold.
"""

from generations.ledger.budgets import OVER_ALL_TEAMS, Reach, concerning, reach_of, reaches, whom
from generations.ledger.days import midnight, outdated, rebuild, roll_up, rolled_through
from generations.ledger.entries import (
    adjust,
    charge,
    dated,
    hold,
    release,
    reserve,
    settle_reserved,
    top_up,
    who_holds,
)
from generations.ledger.sums import NOTHING, Whose, balance, held, month_of, span_of, spent

__all__ = [
    "NOTHING", "OVER_ALL_TEAMS", "Reach", "Whose", "adjust", "balance", "charge", "concerning", "dated", "held", "hold",
    "midnight", "month_of", "outdated", "reach_of", "reaches", "rebuild", "release", "reserve", "roll_up",
    "rolled_through", "settle_reserved", "span_of", "spent", "top_up", "who_holds", "whom",
]  # fmt: skip
