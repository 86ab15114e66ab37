"""Limits of a day, a user, a collection and of all teams hold under concurrent submits, as those of a month do."""

import time
import uuid
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from generations import ledger
from generations.errors import OverLimit, TooManyWaiting
from generations.ledger import budgets
from generations.models import Attempt, Budget, Generation, LedgerEntry, Membership, Role, Span, Team
from generations.pipeline.charges import record_charge
from generations.services.orders.submit import GenerationRequest, submit
from tests.factories import clean_values, make_person, make_team, order
from tests.faults.together import together
from tests.sharing import collect

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
ORDERS = 50
ROOM = 17


@pytest.fixture
def elsewhere(alice):
    """Return a second team of Alice."""
    other = make_team("Sea team", "sea")
    Membership.objects.create(user=alice, team=other, role=Role.OWNER)
    return other


@pytest.fixture
def shelf(alice, team):
    return collect(alice, team, name="Menus")


@pytest.fixture(params=["person", "collection", "day"])
def limit(request, alice, bob, team, shelf):
    """Set a limit with room for ROOM pictures; other users and collections do not count towards it."""
    (waiting,) = order(bob, team)
    whose = {"person": {"person": alice}, "collection": {"collection": shelf}, "day": {"span": Span.DAY}}
    others = 1 if request.param == "day" else 0
    return Budget.objects.create(team=team, hard=(ROOM + others) * waiting.estimate, **whose[request.param])


def order_or_not(person, team, shelf=None):
    try:
        return len(submit(actor=person, team=team, order=GenerationRequest(clean_values(), collection=shelf)))
    except OverLimit:
        return 0


def race(alice, team, shelf):
    return together(*[partial(order_or_not, alice, team, shelf)] * ORDERS)


def test_fifty_orders_end_exactly_at_the_limit(alice, team, shelf, limit):
    taken = race(alice, team, shelf)

    assert sum(taken) == ROOM
    assert Generation.objects.filter(author=alice).count() == ROOM
    usage = ledger.budget_usage(Budget.objects.get(team=team))
    assert (usage.used, usage.left) == (limit.hard, 0)


def test_fifty_orders_overshoot_where_nothing_is_locked(alice, team, shelf, limit, monkeypatch):
    """The control. On SQLite the transaction is the lock: it begins with the right to write."""
    held = budgets.held  # type: ignore[attr-defined]

    def slowly(whose):
        found = held(whose)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(budgets, "held", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)

    taken = race(alice, team, shelf)

    assert (sum(taken) > ROOM) == (connection.vendor == "postgresql")


OVER_ALL_TEAMS = [(whose, span) for whose in ("site", "person") for span in Span.values]


@pytest.mark.parametrize(("whose", "span"), OVER_ALL_TEAMS)
def test_fifty_orders_in_two_teams_end_exactly_at_the_limit_over_all_teams(alice, bob, team, elsewhere, whose, span):
    """Another team does not bypass the limit; generations of other users count for the site only."""
    (waiting,) = order(bob, team)
    room = ROOM + (1 if whose == "site" else 0)
    person = alice if whose == "person" else None
    limit = Budget.objects.create(team=None, person=person, span=span, hard=room * waiting.estimate, by_site=True)

    taken = together(*[partial(order_or_not, alice, one) for one in (team, elsewhere) for _ in range(ORDERS // 2)])

    assert sum(taken) == ROOM
    assert Generation.objects.filter(author=alice).count() == ROOM
    usage = ledger.budget_usage(limit)
    assert (usage.used, usage.left) == (limit.hard, 0)


def test_fifty_orders_in_two_teams_overshoot_where_nothing_is_locked(alice, team, elsewhere, monkeypatch):
    """The control: on SQLite the transaction is the lock."""
    (first,) = order(alice, team)
    Budget.objects.create(team=None, person=alice, hard=(ROOM + 1) * first.estimate, by_site=True)
    held = budgets.held  # type: ignore[attr-defined]

    def slowly(whose):
        found = held(whose)
        time.sleep(0.02)
        return found

    monkeypatch.setattr(budgets, "held", slowly)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)

    taken = together(*[partial(order_or_not, alice, one) for one in (team, elsewhere) for _ in range(ORDERS // 2)])

    assert (sum(taken) > ROOM) == (connection.vendor == "postgresql")


@pytest.mark.parametrize("name", ["person_in_flight", "person_per_minute"])
def test_fifty_orders_end_exactly_at_the_pictures_a_person_may_have(alice, team, elsewhere, name):
    Team.objects.filter(pk=team.pk).update(**{name: ROOM})

    def order_one(where):
        try:
            return where.pk, len(order(alice, where))
        except TooManyWaiting:
            return where.pk, 0

    taken = together(*[partial(order_one, one) for one in [team] * (ORDERS - 5) + [elsewhere] * 5])

    assert sum(count for where, count in taken if where == team.pk) == ROOM
    assert sum(count for where, count in taken if where == elsewhere.pk) == 5


def test_one_form_that_arrives_twice_at_the_last_place_is_one_order(alice, team):
    Team.objects.filter(pk=team.pk).update(person_in_flight=1)
    key = uuid.uuid4()

    first, second = together(*[partial(order, alice, team, key=key)] * 2)

    assert [row.id for row in first] == [row.id for row in second]
    assert Generation.objects.count() == 1


def test_limits_over_all_teams_and_of_two_teams_do_not_wait_for_each_other_for_ever(alice, bob, team, elsewhere):
    """Rows are locked in the same order whichever team asks, also where the site's limit is newer than the team's."""
    (waiting,) = order(bob, team)
    Membership.objects.create(user=bob, team=elsewhere, role=Role.MEMBER)
    Budget.objects.create(team=team, hard=1000)
    Budget.objects.create(team=None, person=bob, hard=1000, by_site=True)
    Budget.objects.create(team=None, hard=(ROOM + 1) * waiting.estimate, by_site=True)
    Budget.objects.create(team=None, person=alice, hard=1000, by_site=True)
    Budget.objects.create(team=elsewhere, hard=1000)

    taken = together(
        *[partial(order_or_not, person, one) for person in (alice, bob) for one in (team, elsewhere)
          for _ in range(ORDERS // 4)]
    )  # fmt: skip

    assert sum(taken) == ROOM


def test_two_limits_and_two_people_do_not_wait_for_each_other_for_ever(alice, bob, team, shelf):
    """Rows are locked in the same order, so that submits that need several limits run one after the other."""
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
    """Its hold is replaced by its charge meanwhile; the two sums must not miss both."""
    (row,) = order(alice, team)
    attempt = Attempt.objects.create(generation=row, number=1, state="answered", estimate=1, sent_at=timezone.now())
    Budget.objects.create(team=team, hard=row.estimate)
    reads = {"held": budgets.held, "spent": budgets.spent}  # type: ignore[attr-defined]

    def then_booked(name):
        def read(*args):
            found = reads[name](*args)  # type: ignore[operator]
            if not LedgerEntry.objects.filter(kind="charge").exists():
                record_charge(attempt, row.estimate, estimated=False)
            return found

        return read

    for name in reads:
        monkeypatch.setattr(budgets, name, then_booked(name))

    with pytest.raises(OverLimit):
        order(alice, team)


def test_what_is_held_is_one_question(alice, team, django_assert_num_queries):
    """A picture that moves between queued and unknown meanwhile is counted in one of the two."""
    rows = order(alice, team, count=2)

    with django_assert_num_queries(1):
        assert ledger.held(team) == sum(row.estimate for row in rows)
