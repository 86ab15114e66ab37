"""Reconciliations and the explanations of their discrepancies."""

from generations.models import DiscrepancyExplanation, Reconciliation


def latest() -> Reconciliation | None:
    """Return the last reconciliation with the present provider."""
    return Reconciliation.objects.of_this_provider("since").first()


def runs(limit: int) -> list[Reconciliation]:
    """Return the last reconciliations with any provider, the newest first."""
    return list(Reconciliation.objects.select_related("by")[:limit])


def explanations(limit: int) -> list[DiscrepancyExplanation]:
    """Return the last explanations, the newest first, with those that revoke another one."""
    return list(DiscrepancyExplanation.objects.select_related("by", "reversed_by")[:limit])
