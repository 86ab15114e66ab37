"""Limits of a day, a person and a collection hold when orders arrive together, as the team's month does."""

import time
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet

from generations import ledger
from generations.errors import OverLimit
from generations.ledger import budgets
from generations.models import Budget, Generation, Span
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
