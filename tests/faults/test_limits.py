"""Limits of a day, a person and a collection hold when orders arrive together, as the team's month does."""

import time
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from generations import ledger
from generations.errors import OverLimit
from generations.ledger import budgets
from generations.models import Attempt, Budget, Generation, LedgerEntry, Span
from generations.pipeline.books import book
from generations.services.submissions import Order, submit
from tests.factories import clean_values, make_person, order
from tests.faults.together import together
from tests.sharing import collect

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ORDERS = 50
ROOM = 17


@pytest.fixture
def shelf(alice, team):
    return collect(alice, team, name="Menus")


@pytest.fixture(params=["person", "collection", "day"])
def limit(request, alice, bob, team, shelf):
    """There is room for so many pictures; what others and other collections cost does not count."""
    (waiting,) = order(bob, team)
    whose = {"person": {"person": alice}, "collection": {"collection": shelf}, "day": {"span": Span.DAY}}
    others = 1 if request.param == "day" else 0
    return Budget.objects.create(team=team, hard=(ROOM + others) * waiting.estimate, **whose[request.param])


def order_or_not(person, team, shelf):
    try:
        return len(submit(actor=person, team=team, order=Order(clean_values(), collection=shelf)))
    except OverLimit:
        return 0


def race(alice, team, shelf):
    return together(*[partial(order_or_not, alice, team, shelf)] * ORDERS)


def test_fifty_orders_end_exactly_at_the_limit(alice, team, shelf, limit):
    taken = race(alice, team, shelf)

    assert sum(taken) == ROOM
    assert Generation.objects.filter(author=alice).count() == ROOM
    (reach,) = ledger.reaches(team)
    assert (reach.used, reach.left) == (limit.hard, 0)


def test_fifty_orders_overshoot_where_nothing_is_locked(alice, team, shelf, limit, monkeypatch):
    """The control. On SQLite a transaction is the lock: it begins with the right to write."""
    held = budgets.held

    def slowly(whose):
        found = held(whose)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(budgets, "held", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)

    taken = race(alice, team, shelf)

    assert (sum(taken) > ROOM) == (connection.vendor == "postgresql")


def test_two_limits_and_two_people_do_not_wait_for_each_other_for_ever(alice, bob, team, shelf):
    """Rows are locked in one order, so that orders which need several limits come one after the other."""
    (waiting,) = order(bob, team)
    Budget.objects.create(team=team, person=bob, hard=1000)
    Budget.objects.create(team=team, hard=(ROOM + 1) * waiting.estimate)
    Budget.objects.create(team=team, person=alice, hard=1000)
    Budget.objects.create(team=team, collection=shelf, hard=1000)
    carol = make_person("Carol", team)

    taken = together(
        *[partial(order_or_not, person, team, shelf) for person in (alice, bob, carol) for _ in range(ORDERS // 3)]
    )

    assert sum(taken) == ROOM


def test_answer_that_is_booked_while_a_limit_is_looked_at_leaves_no_room(alice, team, monkeypatch):
    """Its hold is gone and its charge is there after this; between the two sums it must not be neither."""
    (row,) = order(alice, team)
    attempt = Attempt.objects.create(generation=row, n=1, state="answered", estimate=1, sent_at=timezone.now())
    Budget.objects.create(team=team, hard=row.estimate)
    reads = {"held": budgets.held, "spent": budgets.spent}

    def then_booked(name):
        def read(*args):
            found = reads[name](*args)
            if not LedgerEntry.objects.filter(kind="charge").exists():
                book(attempt, row.estimate, estimated=False)
            return found

        return read

    for name in reads:
        monkeypatch.setattr(budgets, name, then_booked(name))

    with pytest.raises(OverLimit):
        order(alice, team)


def test_what_is_held_is_one_question(alice, team, django_assert_num_queries):
    """A picture that moves between waiting and doubt meanwhile is in one of the two."""
    rows = order(alice, team, count=2)

    with django_assert_num_queries(1):
        assert ledger.held(team) == sum(row.estimate for row in rows)
