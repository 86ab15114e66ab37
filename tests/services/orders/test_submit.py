"""Ordering pictures, once however often the form arrives, and taking an order back."""

import time
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django.urls import reverse

from generations import tasks
from generations.errors import PriceChanged, TooManyWaiting
from generations.models import Attempt, Generation, State
from generations.pipeline.worker.claim import claim
from generations.services.orders import submit as service
from generations.services.orders.submit import GenerationRequest, previous_submission, submit
from tests.factories import clean_values, draw, make_team, order
from tests.faults.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TOGETHER = 20
A_MOMENT = 60.0  # in seconds; kombu alone would try for as long as it takes


def test_order_is_queued_with_all_that_was_asked(alice, team):
    (row,) = order(alice, team, prompt="two boats", resolution="768x1360", speed_mode="juiced", seed="9")

    assert (row.state, row.team, row.author, row.model) == (State.QUEUED, team, alice, "hidream-l1-fast")
    assert (row.prompt, row.size, row.speed, row.seed, row.seed_locked) == ("two boats", "768x1360", "juiced", 9, True)
    assert (row.width, row.height) == (768, 1360)
    assert row.parameters == clean_values(prompt="two boats", resolution="768x1360", speed_mode="juiced", seed="9")


def test_pictures_ordered_at_once_are_one_batch_in_order(alice, team):
    rows = order(alice, team, count=8)

    assert len({row.batch for row in rows}) == 1
    assert [row.position for row in rows] == list(range(8))
    assert [row.id for row in rows] == sorted(row.id for row in rows)


def test_seeds_of_a_batch_begin_again_behind_the_largest(alice, team):
    rows = order(alice, team, count=3, seed=str(2**31 - 2))

    assert [row.seed for row in rows] == [2**31 - 2, 2**31 - 1, 1]


def test_seed_zero_is_a_seed(alice, team):
    assert [row.seed for row in order(alice, team, count=2, seed="0")] == [0, 1]


def test_form_that_is_sent_twice_orders_once(alice, team):
    key = uuid.uuid4()
    first = order(alice, team, count=2, key=key)

    again = order(alice, team, count=2, key=key)

    assert again == first
    assert Generation.objects.count() == 2


@pytest.mark.parametrize("change", [{"prompt": "second"}, {"count": 4}, {"seed": "7"}, {"output_format": "png"}])
def test_form_that_is_sent_again_with_another_order_is_refused(alice, team, change):
    first: dict[str, Any] = {"count": 2, "prompt": "first"}
    key = uuid.uuid4()
    order(alice, team, key=key, **first)

    with pytest.raises(PriceChanged, match="Your earlier request stands"):
        order(alice, team, key=key, **(first | change))

    assert list(Generation.objects.values_list("prompt", flat=True)) == ["first", "first"]


def test_form_that_is_sent_again_for_another_team_is_refused(alice, team):
    key = uuid.uuid4()
    order(alice, team, key=key)

    with pytest.raises(PriceChanged):
        order(alice, make_team("Another", "another"), key=key)


@pytest.mark.django_db(transaction=True)
def test_one_key_with_two_orders_at_once_is_one_order_and_one_refusal(alice, team):
    key = uuid.uuid4()

    def give(prompt):
        try:
            return len(order(alice, team, key=key, prompt=prompt))
        except PriceChanged:
            return 0

    assert sorted(together(partial(give, "one"), partial(give, "other"))) == [0, 1]
    assert Generation.objects.count() == 1


def test_same_key_of_another_person_is_another_order(alice, bob, team):
    key = uuid.uuid4()

    assert order(alice, team, key=key) != order(bob, team, key=key)


def test_orders_without_a_key_are_never_the_same(alice, team):
    order(alice, team)
    order(alice, team)

    assert Generation.objects.count() == 2
    assert previous_submission(actor=alice, client_key=None) == []


def test_failure_that_is_no_repetition_is_not_hidden(alice, team):
    values = GenerationRequest(clean_values(), client_key=uuid.uuid4(), model="hidream-l1-fast")
    team.pk = None

    with pytest.raises((IntegrityError, ValueError)):
        submit(actor=alice, team=team, order=values)


def test_person_may_have_200_pictures_waiting_and_no_more(alice, bob, team):
    for _ in range(25):
        order(alice, team, count=8)

    with pytest.raises(TooManyWaiting, match=r"You already have 200 pictures in progress \(the maximum is 200\)"):
        order(alice, team)

    assert len(order(bob, team, count=8)) == 8
    assert Generation.objects.filter(author=alice).count() == 200


def test_batch_that_would_pass_the_limit_is_refused_whole(alice, team):
    for count in [8] * 24 + [1]:
        order(alice, team, count=count)

    with pytest.raises(TooManyWaiting, match=r"You already have 193 pictures in progress"):
        order(alice, team, count=8)


def test_form_that_comes_again_at_the_limit_answers_with_its_order(alice, team):
    key = uuid.uuid4()
    for _ in range(24):
        order(alice, team, count=8)
    first = order(alice, team, count=8, key=key)

    assert order(alice, team, count=8, key=key) == first


def test_finished_pictures_do_not_count_as_waiting(alice, team):
    for _ in range(25):
        order(alice, team, count=8)
    Generation.objects.update(state=State.DONE)

    assert len(order(alice, team)) == 1


def test_content_entered_after_the_fact_is_not_limited(alice, team):
    for _ in range(26):
        order(alice, team, count=8, at=alice.date_joined)

    assert Generation.objects.count() == 208


def test_cancelled_order_leaves_the_gallery_and_is_never_sent(alice, team, emulator):
    (row,) = order(alice, team)
    before = len(emulator.control.journal)

    assert service.cancel(actor=row.author, generation=row)
    tasks.generate(str(row.id))

    row.refresh_from_db()
    assert (row.state, row.reason) == (State.CANCELLED, "Cancelled. Not charged.")
    assert row.finished_at
    assert row.deleted_at
    assert len(emulator.control.journal) == before


def test_order_a_worker_has_taken_cannot_be_cancelled(alice, team):
    (row,) = order(alice, team)
    claim(row.id)

    assert not service.cancel(actor=row.author, generation=row)
    row.refresh_from_db()
    assert (row.state, row.deleted_at) == (State.RUNNING, None)


def test_order_is_cancelled_once(alice, team):
    (row,) = order(alice, team)

    assert [service.cancel(actor=row.author, generation=row) for _ in range(3)] == [True, False, False]


def test_finished_picture_cannot_be_cancelled(alice, team, emulator):
    assert not service.cancel(actor=alice, generation=draw(alice, team))


def test_order_that_is_rolled_back_rings_nobody(alice, team, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        order(alice, team)
    assert len(callbacks) == 1

    with django_capture_on_commit_callbacks() as callbacks:
        order(alice, team, at=alice.date_joined)
    assert callbacks == []


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_one_form_at_once_make_one_picture_and_one_call(alice, team, emulator, as_):
    form = {"prompt": "a quiet harbour", "count": "1", "client_key": str(uuid.uuid4())}
    clients = [as_(alice) for _ in range(TOGETHER)]
    address = reverse("create", args=[team.slug])
    calls = len(emulator.control.journal)

    answers = together(*[partial(client.post, address, form) for client in clients])
    (row,) = Generation.objects.all()
    together(*[partial(tasks.generate, str(row.id))] * TOGETHER)

    row.refresh_from_db()
    assert [answer.status_code for answer in answers] == [302] * TOGETHER
    assert (row.state, Attempt.objects.count(), len(emulator.control.journal) - calls) == (State.DONE, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_order_is_taken_at_once_with_the_broker_away(alice, team, as_):
    """The settings of the tests name a port at which nothing listens."""
    client = as_(alice)
    client.get(reverse("gallery", args=[team.slug]))

    started = time.monotonic()
    response = client.post(reverse("create", args=[team.slug]), {"prompt": "a quiet harbour", "count": "8"})
    took = time.monotonic() - started

    assert (response.status_code, Generation.objects.filter(state=State.QUEUED).count()) == (302, 8)
    assert took < A_MOMENT
