"""Reconciliation on demand, and what the last one says."""

from decimal import Decimal

from generations.models import HISTORY_RETENTION, Reconciliation, User, Verdict
from generations.pipeline import balance_readings
from generations.pipeline.reconciliation.balance import check
from generations.pipeline.worker.fulfil import configured_provider
from generations.services.site.site_language import site_language


def reconcile(*, actor: User, days: int = 1) -> Reconciliation | None:
    """Compare the ledger with the provider's history and balance, at most as far back as the history reaches.

    Returns None when the balance was read for the first time. Raises ProviderError when the provider cannot be asked.
    """
    with site_language():  # of what is stored about differences
        return check.check(configured_provider(), days=min(max(1, days), HISTORY_RETENTION.days), by=actor)


def current_verdict(run: Reconciliation) -> tuple[Decimal, Decimal, Verdict]:
    """Return the unexplained rest of the balance and of the history in US dollars, and the verdict that follows."""
    return check.standing(run)


def latest_balance_difference() -> Decimal | None:
    """Return what the balance lost in the last day beyond the charges, in US dollars; None without two readings."""
    compared = balance_readings.latest()
    return None if compared is None else compared.difference
