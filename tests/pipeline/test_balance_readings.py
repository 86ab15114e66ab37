"""Whether the provider's balance fell by what the ledger says, and what that proves about an unknown outcome."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.models import Attempt, AttemptState, BalanceReading, Generation, LedgerEntry, uuid7_at
from generations.pipeline import balance_readings
from tests.factories import make_person, make_team, order
from tests.pipeline.reconciliation.unknown_attempts import COST, reading

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HOUR = timedelta(hours=1)
# From far below the cheapest picture to twice the list price.
CHARGE = st.integers(1, 300).map(lambda n: Decimal(n) / 10_000)
CENTS = st.integers(0, 20).map(lambda n: Decimal(n) / 1000)


@pytest.fixture
def row(alice, team):
    return order(alice, team)[0]


def attempt(generation, ago, *, took=timedelta(seconds=10), state=AttemptState.STORED, cost=COST, estimated=False):
    """Create an attempt that was sent so long ago; `took` is the time until its answer, None for no answer."""
    sent = timezone.now() - ago
    return Attempt.objects.create(
        id=uuid7_at(sent), generation=generation, number=generation.attempts.count() + 1, state=state, sent_at=sent,
        estimate=Decimal("0.015"), answered_at=sent + took if took else None, cost=cost, cost_estimated=estimated,
    )  # fmt: skip


def doubt(generation, ago, **values):
    return attempt(generation, ago, **{"took": None, "state": AttemptState.UNKNOWN, "cost": None, **values})


def compared(first="5.00", last="5.00", *, since=4 * HOUR, until=HOUR):
    return balance_readings.compare(reading(first, since), reading(last, until))


def test_books_that_agree_leave_no_difference(row):
    attempt(row, 2 * HOUR)

    found = compared("5.00", str(Decimal("5.00") - COST))

    assert (found.balance_decrease, found.booked, found.difference, found.unknown_count) == (COST, COST, 0, 0)


@pytest.mark.parametrize(("ago", "counts"), [(4.1, False), (3.9, True), (1.1, True), (0.9, False)])
def test_what_was_charged_between_the_readings_counts(ago, counts, row):
    attempt(row, ago * HOUR)

    assert compared().booked == (COST if counts else 0)


def test_late_answer_counts_when_the_call_was_made(row):
    attempt(row, 5 * HOUR, took=3 * HOUR)
    assert compared().booked == 0
    attempt(row, 2 * HOUR, took=2 * HOUR)
    assert compared().booked == COST


def test_what_the_history_booked_counts(row):
    doubt(row, 2 * HOUR, cost=COST)

    found = compared()
    assert (found.booked, found.unknown_count) == (COST, 0)


def test_doubts_of_that_time_may_explain_as_much_as_their_estimates(row):
    doubt(row, 2 * HOUR)
    doubt(row, 2 * HOUR, cost=Decimal("0.015"), estimated=True)  # given up as lost
    doubt(row, 5 * HOUR)

    found = compared()
    assert (found.booked, found.unknown_count, found.unknown_amount) == (0, 2, Decimal("0.030"))


def test_top_up_is_a_difference_below_zero():
    assert compared("5.00", "25.00").difference == -20


def test_latest_compares_the_ends_of_the_last_day(row):
    reading("9.00", 30 * HOUR)
    assert balance_readings.latest() is None
    reading("5.00", 20 * HOUR)
    assert balance_readings.latest() is None
    reading("4.00", 10 * HOUR)
    reading("3.00", HOUR)

    assert balance_readings.latest().balance_decrease == 2


def test_balance_that_stood_still_explains_that_nothing_was_charged(row):
    one = doubt(row, 3 * HOUR)
    compared()

    assert balance_readings.explains_without(one)


@pytest.mark.parametrize(("since", "until"), [(2.9, 0.1), (4, 1.1)], ids=["none-before", "none-after-the-lag"])
def test_readings_must_stand_around_the_doubt_and_the_lag(since, until, row):
    one = doubt(row, 3 * HOUR)
    compared(since=since * HOUR, until=until * HOUR)

    assert not balance_readings.explains_without(one)


def test_other_pictures_are_taken_into_account(row):
    one = doubt(row, 3 * HOUR)
    attempt(row, 2 * HOUR)
    compared("5.00", str(5 - COST), until=HOUR / 2)

    assert balance_readings.explains_without(one)


def test_money_that_went_elsewhere_explains_nothing(row):
    one = doubt(row, 3 * HOUR)
    compared("5.00", "4.90")

    assert not balance_readings.explains_without(one)


def test_estimate_may_hide_a_charge(row):
    """An answer without a price cost less than its estimate, and the unknown attempt was charged: the sums agree."""
    one = doubt(row, 3 * HOUR)
    attempt(row, 2 * HOUR, cost=2 * COST, estimated=True)
    compared("5.00", str(5 - 2 * COST))

    assert not balance_readings.explains_without(one)


def test_doubt_that_was_given_up_as_lost_hides_no_charge(row):
    """It is recorded as spent, and was not charged; the other one was."""
    one = doubt(row, 3 * HOUR)
    doubt(row, 2 * HOUR, cost=Decimal("0.015"), estimated=True)
    compared("5.00", "4.985")

    assert not balance_readings.explains_without(one)


def test_reading_in_the_middle_of_another_call_hides_no_charge(row):
    """The other call was charged before the reading and answered after it; the unknown attempt was charged as well."""
    one = doubt(row, 3 * HOUR)
    middle = 3 * HOUR + timedelta(seconds=20)
    attempt(row, middle + timedelta(seconds=5), cost=one.estimate)
    compared("5.00", str(5 - one.estimate), since=middle, until=HOUR / 2)

    assert not balance_readings.explains_without(one)


def test_quiet_readings_farther_away_tell_as_well(row):
    one = doubt(row, 3 * HOUR)
    attempt(row, 3 * HOUR + timedelta(seconds=25))
    compared("5.00", str(5 - COST), since=4 * HOUR, until=HOUR / 2)
    reading(str(5 - COST), 3 * HOUR + timedelta(seconds=20))

    assert balance_readings.explains_without(one)


@pytest.mark.parametrize(("ago", "counts"), [(4.1, False), (3.9, True), (1.1, True), (0.9, False)])
def test_check_of_the_provider_that_was_paid_between_the_readings_counts(ago, counts, team):
    entered(team, "hold", -COST, ago * HOUR)
    entered(team, "charge", -COST, ago * HOUR, estimated=True)
    entered(team, "release", COST, ago * HOUR)

    found = compared()
    assert (found.booked, found.estimated, found.unknown_count) == (COST if counts else 0, counts, 0)


def test_check_of_the_provider_without_an_answer_is_in_doubt(team):
    entered(team, "hold", -COST, 2 * HOUR)

    found = compared()
    assert (found.booked, found.unknown_count, found.unknown_amount) == (0, 1, COST)


def test_reading_in_the_middle_of_a_check_of_the_provider_hides_no_charge(row, team):
    """The check was charged before the reading and recorded after it; the unknown attempt was charged as well."""
    one = doubt(row, 3 * HOUR)
    middle = 3 * HOUR + timedelta(seconds=20)
    entered(team, "hold", -COST, middle + timedelta(seconds=5))
    entered(team, "charge", -one.estimate, middle - timedelta(seconds=5))
    entered(team, "release", COST, middle - timedelta(seconds=5))
    compared("5.00", str(5 - one.estimate), since=middle, until=HOUR / 2)

    assert not balance_readings.explains_without(one)


def entered(team, kind, amount, ago, **values):
    """Create a ledger entry of a paid call that generates no picture."""
    moment = timezone.now() - ago
    common = {"team": team, "kind": kind, "amount": amount, "idempotency_key": f"{kind}:check:1"}
    return LedgerEntry.objects.create(id=uuid7_at(moment), created_at=moment, **common, **values)


@settings(deadline=None)  # a busy machine is no failure
@given(st.one_of(st.just(0), CHARGE), st.lists(CENTS, max_size=4), st.lists(st.one_of(st.just(0), CHARGE), max_size=3))
def test_doubt_that_was_charged_is_never_explained_away(charged, others, more_doubts):
    """Only an attempt that was not charged may be explained, whatever else was charged or is unknown."""
    row = Generation.objects.first() or _row()
    Attempt.objects.all().delete()
    BalanceReading.objects.all().delete()
    one = doubt(row, 3 * HOUR)
    for cost in others:
        attempt(row, 2 * HOUR, cost=cost)
    for _ in more_doubts:
        doubt(row, 2 * HOUR)
    fall = sum(others, Decimal(0)) + charged + sum(more_doubts)
    compared("5.00", str(5 - fall), until=HOUR / 2)

    assert balance_readings.explains_without(one) == (not charged and not any(more_doubts))


def _row():
    team = make_team()
    return order(make_person("Alice", team), team)[0]
