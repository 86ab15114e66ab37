"""Correction of estimated charges once the provider's history has the price."""

from collections.abc import Sequence
from functools import partial

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generations.models import HISTORY_RETENTION, Attempt, AttemptState, CostSource
from generations.pipeline.charges import record_charge
from generations.pipeline.isolation import run_isolated
from generations.pipeline.reconciliation import history_matching
from generations.pipeline.reconciliation.history_fetch import history_around, schedule_next_lookup
from generations.providers.base import PastCall, Provider

BATCH_SIZE = 50
# About six hours; a history that has no price by then will not have it later. One that cannot be read does not
# count as the last lookup.
MAX_LOOKUPS = 12
ENDED = [AttemptState.STORED, AttemptState.REJECTED]


def correct_estimates(provider: Provider) -> int:
    """Correct the estimated charges that are due; return how many were corrected.

    Attempts that were given up as lost are left out: their outcome is still unknown and they are looked up as such.
    """
    due = _due()
    for one in due:
        schedule_next_lookup(one)
    corrected = 0
    for day, rows in history_around(due, provider):
        if rows is None:
            _keep_the_last_lookup(day)
        else:
            corrected += sum(bool(run_isolated(partial(_corrected, rows=rows), one)) for one in day)
    return corrected


def _keep_the_last_lookup(day: Sequence[Attempt]) -> None:
    """Leave one lookup to attempts whose history could not be read."""
    used_up = Attempt.objects.filter(id__in=[one.id for one in day], lookup_count=MAX_LOOKUPS)
    used_up.update(lookup_count=MAX_LOOKUPS - 1)


def _due() -> Sequence[Attempt]:
    recent = Attempt.objects.filter(cost_estimated=True, state__in=ENDED, sent_at__gt=Now() - HISTORY_RETENTION)
    turn = Q(next_lookup_at=None) | Q(next_lookup_at__lte=Now())
    return list(
        recent.filter(turn, lookup_count__lt=MAX_LOOKUPS).select_related("generation").order_by("id")[:BATCH_SIZE]
    )


def _corrected(attempt: Attempt, rows: Sequence[PastCall]) -> bool:
    row = history_matching.find_row(attempt, rows)
    if row is None or row.cost is None or not row.finished or row.failed:
        return False
    note = _("price from the provider's history")
    record_charge(attempt, row.cost, estimated=False, source=CostSource.HISTORY, mend=True, note=note)
    return True
