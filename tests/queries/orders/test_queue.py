"""The line, and whether anybody works on it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Attempt, Generation, State
from generations.pipeline.worker.claim import claim, mark_sent
from generations.queries.orders.queue import (
    PendingDownload,
    oldest_queued,
    pending_downloads,
    queue_counts,
    queue_snapshot,
    sent_times,
    team_queue,
)
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LONG_AGO = timedelta(seconds=20)


def age(rows, by=LONG_AGO):
    then = timezone.now() - by
    Generation.objects.filter(id__in=[row.id for row in rows]).update(queued_at=then, available_at=then)


def test_places_count_from_one_over_all_teams(alice, charlie, team):
    (first,) = order(alice, team)
    (foreign,) = order(charlie, charlie.teams.get())
    (last,) = order(alice, team)

    assert queue_snapshot().places == {first.id: 1, foreign.id: 2, last.id: 3}


def test_only_queued_rows_have_a_place(alice, team):
    first, second = order(alice, team, count=2)
    claim(first.id)

    assert queue_snapshot().places == {second.id: 1}


def test_empty_line_is_not_stalled():
    assert (queue_snapshot().places, queue_snapshot().stalled) == ({}, False)


def test_fresh_order_is_not_stalled(alice, team):
    order(alice, team)

    assert not queue_snapshot().stalled


def test_line_is_stalled_when_nobody_took_what_has_been_due(alice, team):
    age(order(alice, team))

    assert queue_snapshot().stalled


def test_line_is_not_stalled_while_something_is_being_drawn(alice, team):
    rows = order(alice, team, count=2)
    age(rows)
    claim(rows[0].id)

    assert not queue_snapshot().stalled


def test_order_that_waits_for_its_time_does_not_stall_the_line(alice, team):
    (row,) = order(alice, team)
    Generation.objects.filter(id=row.id).update(
        available_at=timezone.now() + LONG_AGO, queued_at=timezone.now() - LONG_AGO
    )

    assert not queue_snapshot().stalled


def test_time_of_sending_is_known_once_it_left(alice, team):
    (row,) = order(alice, team)
    claimed = claim(row.id)
    assert sent_times([row.id]) == {}

    mark_sent(claimed)

    assert sent_times([row.id]) == {row.id: Attempt.objects.get().sent_at}


def test_answer_that_is_being_stored_is_known(alice, team):
    (row,) = order(alice, team)
    claimed = claim(row.id)
    mark_sent(claimed)
    assert pending_downloads([row.id]) == {}

    Attempt.objects.filter(id=claimed.attempt_id).update(state="answered")

    assert pending_downloads([row.id]) == {row.id: PendingDownload(None, "")}


def test_queue_is_the_teams_oldest_first_without_finished_and_deleted(alice, bob, charlie, team, emulator):
    draw(alice, team)
    order(charlie, charlie.teams.get())
    (hers,), (his,), (gone,) = order(alice, team), order(bob, team), order(bob, team)
    Generation.objects.filter(id=gone.id).update(state=State.CANCELLED, deleted_at=timezone.now())

    assert list(team_queue(team, alice)) == [hers, his]
    assert list(team_queue(team, charlie)) == []


def test_counts_are_mine_and_everybodys(alice, bob, vera, team):
    order(alice, team, count=2)
    order(bob, team)

    assert queue_counts(team, alice) == (2, 3)
    assert queue_counts(team, vera) == (0, 3)


@pytest.mark.parametrize("number", [1, 3])
def test_line_and_queue_cost_the_same_for_one_and_three(alice, team, number, django_assert_num_queries):
    age(order(alice, team, count=number))

    with django_assert_num_queries(3):
        assert len(queue_snapshot().places) == number
    with django_assert_num_queries(1):
        assert [row.author.name for row in team_queue(team, alice)] == ["Alice"] * number
    with django_assert_num_queries(1):
        queue_counts(team, alice)


def test_oldest_order_is_known(alice, team):
    assert oldest_queued() is None
    rows = order(alice, team, count=2)
    age(rows[:1], timedelta(hours=1))

    assert timezone.now() - oldest_queued() >= timedelta(hours=1)
