"""Concurrent submits end exactly at the limit; concurrent postings are all in the sum."""

import threading
import time
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from generations import ledger
from generations.errors import OverLimit
from generations.ledger import budgets
from generations.models import Attempt, AttemptState, Budget, Generation, LedgerEntry
from generations.pipeline.charges import record_charge
from tests.factories import clean_values, order
from tests.faults.together import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
PEOPLE = 50
ROOM = 17


@pytest.fixture
def limit(alice, team):
    """Set a limit with room for ROOM pictures beside one that is paid and one that is queued."""
    drawn, waiting = order(alice, team, count=2)
    attempt = Attempt.objects.create(
        generation=drawn, number=1, state=AttemptState.ANSWERED, estimate=1, sent_at=timezone.now()
    )
    record_charge(attempt, drawn.estimate, estimated=False)
    clean_values()  # the schema is loaded once, not by fifty threads at the same moment
    return Budget.objects.create(team=team, hard=(2 + ROOM) * waiting.estimate)


def order_or_not(alice, team):
    try:
        return len(order(alice, team))
    except OverLimit:
        return 0


def test_orders_that_arrive_together_end_at_the_limit(alice, team, limit):
    taken = together(*[partial(order_or_not, alice, team)] * PEOPLE)

    assert sum(taken) == ROOM
    assert Generation.objects.count() == LedgerEntry.objects.filter(kind="hold").count() == 2 + ROOM
    month, _ = ledger.month_of(timezone.now())
    assert ledger.held(team) + ledger.spent(team, month) == limit.hard


def test_orders_overshoot_where_nothing_is_locked(alice, team, limit, monkeypatch):
    """The control. On SQLite the transaction is the lock: it begins with the right to write."""
    held = budgets.held  # type: ignore[attr-defined]

    def slowly(whose):
        found = held(whose)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(budgets, "held", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)

    taken = together(*[partial(order_or_not, alice, team)] * PEOPLE)

    assert (sum(taken) > ROOM) == (connection.vendor == "postgresql")


def test_two_attempts_booked_at_the_same_moment_are_both_in_the_sum(alice, team):
    """The late answer of a first attempt arrives while the second one runs."""
    (row,) = order(alice, team)
    sent = {"generation": row, "state": "unknown", "estimate": 1, "sent_at": timezone.now()}
    first, second = (Attempt.objects.create(number=n, hold_number=n, **sent) for n in (1, 2))
    booked = threading.Event()

    def earlier():
        with transaction.atomic():
            record_charge(first, row.estimate, estimated=False)
            booked.set()
            time.sleep(0.3)  # the other one gets this far before this one is committed

    def later():
        booked.wait(120)
        record_charge(second, row.estimate, estimated=False)

    together(earlier, later)

    row.refresh_from_db()
    assert row.cost == 2 * row.estimate == ledger.spent(team, ledger.month_of(timezone.now())[0])
