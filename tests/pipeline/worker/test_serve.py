"""What a worker does for a message: the turn, the wait for the rate limit, and the message about the next picture."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from generations import limiter, scheduler
from generations.models import Attempt, Generation, Membership, State
from generations.pipeline.worker import serve
from generations.pipeline.worker.claim import claim, mark_sent
from tests.eventually import eventually
from tests.factories import order
from tests.faults.together import together
from tests.infrastructure.valkey import valkey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases, pytest.mark.usefixtures("emulator")]


@pytest.fixture
def enqueued():
    return []


@pytest.fixture
def limited(settings):
    """Limit the site to a plan of 60 requests a minute; nothing comes back within a test that asks at once."""
    with valkey() as server:
        settings.REDIS_URL, settings.SEGMIND_RPM = server.url, 60
        yield


@pytest.fixture
def stopping(monkeypatch):
    event = threading.Event()
    monkeypatch.setattr(serve, "stopping", event)
    return event


def states(rows):
    found = dict(Generation.objects.values_list("id", "state"))
    return [found[row.id] for row in rows]


def test_turn_decides_and_not_the_picture_that_the_message_names(alice, bob, team, enqueued):
    first, second = order(alice, team, count=2)
    mark_sent(claim(first.id))
    (his,) = order(bob, team)
    Generation.objects.update(enqueued_at=Now())

    serve.serve(second.id, enqueued.extend)

    assert states([second, his]) == [State.QUEUED, State.DONE]
    second.refresh_from_db()
    assert second.enqueued_at is None


def test_next_picture_is_enqueued_while_the_rate_is_limited(limited, alice, team, enqueued):
    first, second, third = order(alice, team, count=3)

    serve.serve(first.id, enqueued.extend)
    serve.serve(second.id, enqueued.extend)
    serve.serve(third.id, enqueued.extend)

    assert states([first, second, third]) == [State.DONE] * 3
    assert enqueued == [second.id, third.id]


def test_each_picture_keeps_its_own_message_without_a_limit(alice, team, settings, enqueued):
    settings.SEGMIND_RPM = 0
    first, _ = order(alice, team, count=2)

    serve.serve(first.id, enqueued.extend)

    assert enqueued == []


def test_worker_waits_until_the_plan_allows_the_next_request(limited, alice, team, enqueued):
    (row,) = order(alice, team)
    while not limiter.take():
        pass

    serve.serve(row.id, enqueued.extend)

    assert states([row]) == [State.DONE]


def test_one_thread_waits_and_other_messages_are_used_up(limited, stopping, alice, team, enqueued):
    rows = order(alice, team, count=4)
    Generation.objects.update(enqueued_at=Now())
    limiter.block(datetime.now(UTC) + timedelta(seconds=60))

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(answered, row.id, enqueued) for row in rows]
        eventually(lambda: sum(one.done() for one in running) == 3)
        waiting = sum(not one.done() for one in running)
        stopping.set()
        wait(running)

    assert waiting == 1
    assert states(rows) == [State.QUEUED] * 4
    assert not Generation.objects.exclude(enqueued_at=None).exists()
    assert not Attempt.objects.exists()


def answered(generation_id, enqueued):
    try:
        serve.serve(generation_id, enqueued.extend)
    finally:
        connection.close()


def test_long_block_is_left_to_the_sweeper(limited, alice, team, enqueued):
    (row,) = order(alice, team)
    limiter.block(datetime.now(UTC) + timedelta(seconds=300))

    serve.serve(row.id, enqueued.extend)

    assert (states([row]), Attempt.objects.count()) == ([State.QUEUED], 0)


def test_workers_that_begin_at_once_take_one_picture_each(alice, bob, team, settings, enqueued):
    settings.SEGMIND_RPM = 0
    rows = order(alice, team, count=4) + order(bob, team, count=4)

    together(*[partial(serve.serve, row.id, enqueued.extend) for row in rows])

    assert states(rows) == [State.DONE] * 8
    assert Attempt.objects.count() == 8


def test_picture_that_cannot_be_begun_stops_nobody_else(alice, bob, team, enqueued):
    """Its parameters are of a kind that no form sends."""
    (broken,), (his,) = order(alice, team), order(bob, team)
    Generation.objects.filter(id=broken.id).update(parameters=["no", "values"])

    serve.serve(broken.id, enqueued.extend)

    assert states([broken, his]) == [State.QUEUED, State.DONE]
    assert not scheduler.due().exists()


def test_pictures_of_those_who_left_are_cancelled_on_the_way_to_the_next_one(alice, bob, team, enqueued):
    left = order(alice, team, count=8) + order(alice, team, count=8) + order(alice, team, count=8)
    (his,) = order(bob, team)
    mark_sent(claim(his.id))
    Membership.objects.filter(user=alice).delete()
    (next_one,) = order(bob, team)

    serve.serve(left[0].id, enqueued.extend)

    assert states([next_one]) == [State.DONE]
    serve.serve(left[0].id, enqueued.extend)
    assert set(states(left)) == {State.CANCELLED}


def test_database_that_fails_behind_the_claim_does_not_keep_the_call_from_being_made(limited, alice, team, enqueued):
    first, _ = order(alice, team, count=2)

    def refuse(execute, sql, params, many, context):
        if "ROW_NUMBER" in sql and Attempt.objects.filter(state="sent").exists():
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        serve.serve(first.id, enqueued.extend)

    assert (states([first]), enqueued) == ([State.DONE], [])
