"""Whose picture is sent next: teams take turns, users of a team take turns, and within a user the oldest is first."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from generations import scheduler
from generations.models import Generation
from generations.pipeline.worker.claim import claim, mark_sent, release_claim
from tests.factories import make_person, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def ids(rows):
    return [row.id for row in rows]


def send_all():
    """Send one picture after the other, each the first in line at its moment, and return their ids in this order."""
    sent = []
    while line := scheduler.next_up(1):
        assert mark_sent(claim(line[0]))
        sent += line
    return sent


def test_pictures_of_one_user_are_sent_in_the_order_they_came(alice, team):
    first, second = order(alice, team, count=2), order(alice, team, count=2)

    assert scheduler.next_up(9) == ids([*first, *second])


def test_users_of_a_team_take_turns(alice, bob, team):
    many, few = order(alice, team, count=4), order(bob, team, count=2)

    assert scheduler.next_up(9) == ids([many[0], few[0], many[1], few[1], many[2], many[3]])


def test_teams_take_turns_however_many_users_order_in_them(alice, bob, charlie, team):
    alices, bobs = order(alice, team, count=2), order(bob, team, count=2)
    theirs = order(charlie, charlie.teams.get(), count=4)

    turns = [alices[0], theirs[0], bobs[0], theirs[1], alices[1], theirs[2], bobs[1], theirs[3]]
    assert scheduler.next_up(9) == ids(turns)


def test_user_who_comes_late_is_next(alice, bob, team):
    many = order(alice, team, count=5)
    for row in many[:2]:
        claim(row.id)
    (late,) = order(bob, team)

    assert scheduler.next_up(2) == ids([late, many[2]])


def test_user_who_had_the_last_turn_is_last(alice, bob, team):
    bobs, alices = order(bob, team, count=2), order(alice, team, count=2)
    claim(bobs[0].id)

    assert scheduler.next_up(9) == ids([alices[0], bobs[1], alices[1]])


def test_claim_that_was_given_back_was_no_turn(alice, bob, team):
    alices, bobs = order(alice, team), order(bob, team)
    release_claim(claim(alices[0].id))

    assert scheduler.next_up(9) == ids([*alices, *bobs])


def test_picture_that_waits_for_its_time_is_passed_and_first_again_when_it_is_due(alice, team):
    early, late = order(alice, team, count=2)
    Generation.objects.filter(id=early.id).update(available_at=Now() + timedelta(minutes=1))
    meanwhile = scheduler.next_up(9)
    Generation.objects.update(available_at=Now())

    assert (meanwhile, scheduler.next_up(9)) == ([late.id], [early.id, late.id])


def test_pictures_of_deleted_users_are_queued_too(alice, bob, team):
    alices, bobs = order(alice, team), order(bob, team)
    Generation.objects.filter(author=bob).update(author=None)

    assert scheduler.next_up(9) == ids([*alices, *bobs])


@pytest.mark.parametrize("most", [1, 3, 8])
def test_short_line_is_the_beginning_of_the_long_one(most, alice, bob, charlie, team):
    for user, place, number in ((alice, team, 5), (bob, team, 2), (charlie, charlie.teams.get(), 3)):
        order(user, place, count=number)

    assert scheduler.next_up(most) == scheduler.next_up(scheduler.MAX_PLACES)[:most]


def test_pictures_are_sent_in_the_order_that_was_shown(alice, bob, charlie, team):
    dora = make_person("Dora", team)
    for user, place, number in (
        (alice, team, 8), (bob, team, 3), (dora, team, 1), (charlie, charlie.teams.get(), 4), (bob, team, 2)
    ):  # fmt: skip
        order(user, place, count=number)
    shown = scheduler.next_up(scheduler.MAX_PLACES)

    assert send_all() == shown
    assert len(shown) == 18


@pytest.mark.parametrize("number", [1, 3])
def test_what_is_sent_before_new_pictures_is_known_beforehand(number, alice, bob, charlie, team):
    order(alice, team, count=6)
    order(bob, team, count=2)
    order(charlie, charlie.teams.get(), count=3)
    expected = scheduler.sent_before(team, bob, number)
    new = order(bob, team, count=number)

    line = scheduler.next_up(scheduler.MAX_PLACES)
    assert expected == line.index(new[-1].id) - (number - 1)


def test_provider_is_probed_with_the_picture_that_was_tried_least(alice, team):
    tried, untried = order(alice, team, count=2)
    release_claim(claim(tried.id))

    assert scheduler.least_tried(scheduler.due()) == [untried.id]


def test_empty_queue_has_nothing_next(alice, team):
    assert scheduler.next_up(9) == scheduler.least_tried(scheduler.due()) == []
    assert scheduler.sent_before(team, alice, 2) == 0
