"""Figures over all teams."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Attempt, AttemptState, Generation, State, uuid7_at
from generations.pipeline.worker.claim import claim, mark_sent
from generations.queries.orders.queue_metrics import queue_metrics
from generations.storage import spool
from tests.factories import draw, order
from tests.storage.test_spool import ANSWER

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_nothing_happened_yet():
    now = queue_metrics()

    assert (now.queued, now.running, now.unknown, now.spooled_answers) == (0, 0, 0, 0)
    assert now.recent_attempts == dict.fromkeys(AttemptState.values, 0)
    assert now.free_disk_bytes > 0


def test_states_are_counted_over_all_teams(alice, charlie, team, emulator):
    draw(alice, team)
    running, *_ = order(alice, team, count=3)
    (lost,) = order(charlie, charlie.teams.get())
    assert mark_sent(claim(running.id))
    Generation.objects.filter(id=lost.id).update(state=State.UNKNOWN)

    now = queue_metrics()

    assert (now.queued, now.running, now.unknown) == (2, 1, 1)
    assert {state: number for state, number in now.recent_attempts.items() if number} == {"sent": 1, "stored": 1}


def test_attempts_of_the_day_before_are_not_counted(alice, team):
    for row in order(alice, team, count=2):
        claim(row.id)
    earlier = Attempt.objects.first()
    Attempt.objects.filter(id=earlier.id).update(id=uuid7_at(timezone.now() - timedelta(hours=25)))

    assert queue_metrics().recent_attempts["reserved"] == 1


def test_unknown_in_the_trash_is_not_counted(alice, team):
    order(alice, team)
    Generation.objects.update(state=State.UNKNOWN, deleted_at=timezone.now())

    assert queue_metrics().unknown == 0


def test_answer_in_the_spool_is_counted_until_it_is_stored(alice, team):
    (row,) = order(alice, team)
    attempt_id = claim(row.id).attempt_id
    spool.write(attempt_id, ANSWER)
    before = queue_metrics().spooled_answers
    spool.remove(attempt_id)

    assert (before, queue_metrics().spooled_answers) == (1, 0)


@pytest.mark.parametrize("number", [1, 3])
def test_questions_are_as_many_for_one_order_and_for_three(alice, team, number, django_assert_num_queries):
    order(alice, team, count=number)

    with django_assert_num_queries(5):
        queue_metrics()
