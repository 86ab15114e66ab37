"""Ages of what waits and runs, and when waiting is a sign that nobody takes work."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from generations.conf import conf
from generations.models import Attempt, Generation
from generations.pipeline.worker.claim import claim, lease_end, mark_sent
from generations.queries.orders.queue_age import is_starving, oldest_running, oldest_waiting
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
IDLE = 60


def put_back(row, **seconds):
    """Moments of a generation, so many seconds into the past."""
    changes = {name: Now() - timedelta(seconds=ago) for name, ago in seconds.items()}
    Generation.objects.filter(id=row.id).update(**changes)


def about(seconds):
    return pytest.approx(seconds, abs=15)


@pytest.fixture
def waiting(alice, team):
    """Rung for by the sweeper some time ago, and not taken."""
    (row,) = order(alice, team)
    put_back(row, queued_at=300, available_at=300, enqueued_at=61)
    return row


def test_nothing_waits_and_nothing_runs(alice, team, emulator):
    draw(alice, team)

    assert (oldest_waiting(), oldest_running(), is_starving(IDLE)) == (None, None, False)


def test_oldest_waiting_counts_from_the_order(alice, team, waiting):
    order(alice, team)

    assert oldest_waiting() == about(300)


def test_order_that_waits_for_its_time_is_counted_too(waiting):
    put_back(waiting, available_at=-3600)

    assert oldest_waiting() == about(300)


def test_claimed_order_waits_no_more(waiting):
    claim(waiting.id)

    assert oldest_waiting() is None


def test_running_order_has_an_age_from_its_claim(waiting):
    claim(waiting.id)
    Generation.objects.update(lease_until=lease_end() - timedelta(seconds=40))

    assert oldest_running() == about(40)


def test_oldest_running_counts_from_the_call(alice, team):
    first, second = (claim(row.id) for row in order(alice, team, count=2))
    assert mark_sent(first)
    assert mark_sent(second)
    Attempt.objects.filter(id=first.attempt_id).update(sent_at=Now() - timedelta(seconds=90))

    assert oldest_running() == about(90)


def test_attempt_of_the_past_has_no_age(waiting):
    """Closed an hour ago; the order is claimed again now."""
    earlier = claim(waiting.id)
    Attempt.objects.filter(id=earlier.attempt_id).update(state="not_billed", sent_at=Now() - timedelta(hours=1))
    Generation.objects.update(state="queued", lease=None, lease_until=None)
    claim(waiting.id)

    assert oldest_running() < conf().lease_seconds


def test_row_that_was_rung_for_and_not_taken_is_a_sign(waiting):
    assert is_starving(IDLE)


@pytest.mark.parametrize(
    "seconds",
    [{"available_at": 30}, {"available_at": -30}, {"enqueued_at": 1}],
    ids=["due for a short time", "not due", "rung for just now"],
)
def test_row_that_may_still_be_taken_is_no_sign(waiting, seconds):
    put_back(waiting, **seconds)

    assert not is_starving(IDLE)


def test_row_that_nobody_rang_for_is_no_sign(waiting):
    Generation.objects.update(enqueued_at=None)

    assert not is_starving(IDLE)


def test_row_that_was_taken_is_no_sign(waiting):
    claim(waiting.id)

    assert not is_starving(IDLE)
