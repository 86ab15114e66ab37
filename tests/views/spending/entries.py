"""Paid pictures without a call: requested and charged through the ledger's own functions, at any moment."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from generations import ledger
from generations.models import Attempt, AttemptState, Generation, State
from generations.pipeline.charges import record_charge
from generations.services.orders.submit import GenerationRequest, submit
from tests.factories import clean_values


def pay(person, team, cost, *, at=None, days_ago=0, state=State.DONE, estimated=False, collection=None, **raw):
    """Create one charged picture, as it is after its end."""
    at = at or timezone.now() - timedelta(days=days_ago)
    with ledger.backdated_entries(at):
        (row,) = submit(
            actor=person, team=team, order=GenerationRequest(clean_values(**raw), ordered_at=at, collection=collection)
        )
        Generation.objects.filter(id=row.id).update(state=state, finished_at=at)
        stored = AttemptState.STORED if state == State.DONE else AttemptState.REJECTED
        attempt = Attempt.objects.create(
            generation=row, number=1, state=stored, estimate=row.estimate, sent_at=at, seed=row.seed
        )
        record_charge(attempt, Decimal(cost), estimated=estimated)
    row.refresh_from_db()
    return row


def correct(row, cost, *, at=None):
    """Record another price that the provider named later."""
    with ledger.backdated_entries(at or timezone.now()):
        record_charge(row.attempts.get(), Decimal(cost), estimated=False, mend=True, note="the history says so")
