"""Money: the only writer of ledger entries, the sums over them, and the limits on spending. US dollars, Decimal.

`entries` posts; `sums` adds up; `days` stores the sums of past days; `budgets` checks the limits before every hold.
"""

from generations.ledger.budgets import OVER_ALL_TEAMS, BudgetUsage, budget_usage, budgets_for
from generations.ledger.days import midnight, outdated, rebuild, roll_up, rolled_through
from generations.ledger.entries import (
    adjust,
    backdated_entries,
    charge,
    hold,
    hold_without_generation,
    holders,
    release,
    settle_without_generation,
    top_up,
)
from generations.ledger.limit_names import limit_name
from generations.ledger.sums import ZERO, LedgerScope, balance, held, month_of, span_of, spent

__all__ = [
    "OVER_ALL_TEAMS",
    "ZERO",
    "BudgetUsage",
    "LedgerScope",
    "adjust",
    "backdated_entries",
    "balance",
    "budget_usage",
    "budgets_for",
    "charge",
    "held",
    "hold",
    "hold_without_generation",
    "holders",
    "limit_name",
    "midnight",
    "month_of",
    "outdated",
    "rebuild",
    "release",
    "roll_up",
    "rolled_through",
    "settle_without_generation",
    "span_of",
    "spent",
    "top_up",
]  # fmt: skip
