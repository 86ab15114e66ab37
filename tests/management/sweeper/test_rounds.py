"""`manage.py sweeper --once`: one round, with nothing listening where the broker should be."""

import logging
import os
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from generations.management.sweeper.rounds import Sweeper
from generations.models import BalanceReading, Generation, Image, State, Thumbnail
from generations.pipeline.worker.claim import claim, mark_sent
from generations.storage import files
from hidream_site.celery import app
from tests.eventually import eventually
from tests.factories import draw, order
from tests.infrastructure.valkey import valkey

# A round closes stale connections, which must not end a test's own transaction.
A_MOMENT = 60.0  # in seconds; kombu alone would try for as long as it takes
pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(hours=1)


@pytest.fixture
def broker_at():
    """Let the Celery application speak to this address for a while."""
    before = app.conf.broker_url

    def turn(url):
        app.conf.broker_url = url  # type: ignore[misc]

    yield turn
    app.conf.broker_url = before  # type: ignore[misc]


@pytest.fixture
def silent_broker(broker_at):
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker_at(f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        yield


@pytest.fixture
def real_broker(broker_at):
    with valkey() as server:
        broker_at(server.url)
        yield server


def unreachable(execute, sql, params, many, context):
    raise OperationalError("server closed the connection")


def sweep():
    call_command("sweeper", "--once")


def paid_calls(emulator):
    return sum(request.method == "POST" for request in emulator.control.journal)


def expire(row):
    Generation.objects.filter(id=row.id).update(lease_until=timezone.now() - LONG_AGO)


def test_round_with_nothing_to_do_is_silent(emulator, caplog):
    caplog.set_level(logging.INFO)

    sweep()

    assert [record.message for record in caplog.records if record.name.startswith("generations")] == []


def test_order_stays_queued_and_due_while_the_broker_is_away(alice, team, emulator):
    (row,) = order(alice, team)
    Generation.objects.update(queued_at=timezone.now() - LONG_AGO)

    sweep()

    row.refresh_from_db()
    assert (row.state, row.enqueued_at) == (State.QUEUED, None)


def test_claim_that_was_never_sent_goes_back_into_the_queue(alice, team, emulator, caplog):
    caplog.set_level(logging.INFO)
    (row,) = order(alice, team)
    claim(row.id)
    expire(row)

    sweep()

    row.refresh_from_db()
    assert (row.state, row.attempts.get().state) == (State.QUEUED, "released")
    assert "settled 1, enqueued 0, purged 0" in caplog.messages


def test_call_whose_worker_died_has_an_unknown_outcome_and_is_never_sent_again(alice, team, emulator):
    (row,) = order(alice, team)
    mark_sent(claim(row.id))
    expire(row)
    calls = paid_calls(emulator)

    sweep()
    sweep()

    row.refresh_from_db()
    assert (row.state, row.attempts.get().state) == (State.UNKNOWN, "unknown")
    assert "The picture may have been charged." in row.reason
    assert paid_calls(emulator) == calls


def test_trash_is_emptied_after_thirty_days(alice, team, emulator):
    old, young = draw(alice, team), draw(alice, team)
    names = [old.image.path, *Thumbnail.objects.filter(image=old.image).values_list("path", flat=True)]
    cost = old.cost
    Generation.objects.filter(id=old.id).update(deleted_at=timezone.now() - timedelta(days=30, minutes=1))
    Generation.objects.filter(id=young.id).update(deleted_at=timezone.now() - timedelta(days=29))

    sweep()

    old.refresh_from_db()
    assert (old.purged_at is None, old.prompt, old.cost) == (False, "", cost)
    assert [name for name in names if files.path_of(name).exists()] == []
    assert Generation.objects.in_trash().get() == young


def test_round_with_a_silent_broker_recovers_and_ends_within_seconds(alice, team, emulator, silent_broker, caplog):
    """It takes connections and never says a word; one message finds that out, not each."""
    caplog.set_level(logging.INFO)
    (row,) = order(alice, team)
    order(alice, team, count=8)
    picture = draw(alice, team)
    Image.objects.filter(generation=picture).update(thumbnails_made=False)
    claim(row.id)
    expire(row)
    Generation.objects.update(queued_at=timezone.now() - LONG_AGO)
    files.save("originals/ab/x.png.part", b"half")
    os.utime(files.path_of("originals/ab/x.png.part"), (0, 0))

    began = time.monotonic()
    sweep()
    took = time.monotonic() - began

    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert "settled 1, enqueued 0, purged 0" in caplog.messages
    assert took < A_MOMENT
    assert not files.path_of("originals/ab/x.png.part").exists()


def test_thumbnails_that_are_missing_are_enqueued_once(alice, team, emulator, real_broker):
    picture = draw(alice, team)
    Image.objects.filter(generation=picture).update(thumbnails_made=False)

    sweep()
    sweep()

    with real_broker.client() as client:
        assert client.llen("thumbnails") == 1


def test_orders_that_are_due_are_enqueued_once(alice, team, emulator, real_broker):
    order(alice, team, count=3, at=alice.date_joined)  # such an order enqueues nothing itself
    Generation.objects.update(queued_at=timezone.now() - LONG_AGO)

    sweep()
    sweep()

    with real_broker.client() as client:
        assert client.llen("generate") == 3
    assert all(Generation.objects.values_list("enqueued_at", flat=True))


def test_sweeper_that_was_at_work_is_well(emulator):
    sweep()

    call_command("sweeper", "--healthcheck")


def test_sweeper_without_a_heartbeat_is_not_well(data_dir):
    with pytest.raises(CommandError, match="No sweeper has run"):
        call_command("sweeper", "--healthcheck")


def test_sweeper_whose_heartbeat_is_old_is_not_well(emulator, data_dir):
    sweep()
    minutes_ago = time.time() - 61
    os.utime(data_dir / "sweeper.alive", (minutes_ago, minutes_ago))

    with pytest.raises(CommandError, match="last heartbeat is 61 seconds old"):
        call_command("sweeper", "--healthcheck")


def test_round_whose_database_is_away_is_a_heartbeat_all_the_same(emulator, data_dir):
    with connection.execute_wrapper(unreachable):
        sweep()

    call_command("sweeper", "--healthcheck")


def test_heartbeat_that_cannot_be_written_stops_no_round(alice, team, emulator, data_dir, caplog):
    (data_dir / "sweeper.alive").symlink_to(data_dir / "no-folder" / "file")
    (row,) = order(alice, team)
    claim(row.id)
    expire(row)

    sweep()

    assert "heartbeat cannot be written" in caplog.text
    assert Generation.objects.get().state == State.QUEUED


def test_database_that_is_away_is_asked_again_next_time(emulator, caplog):
    with connection.execute_wrapper(unreachable):
        sweep()

    assert "this round of the sweeper failed, the next one tries again" in caplog.text


@pytest.fixture
def rounds(emulator):
    """Run rounds of one sweeper, each until its lanes are idle."""
    sweeper = Sweeper()

    def go(times=1):
        for _ in range(times):
            sweeper.round()
            eventually(lambda: all(lane.is_idle() for lane in sweeper.lanes.values()))

    yield go
    sweeper.finish()


def balances_asked(emulator):
    return sum(request.path == "/v1/get-user-credits" for request in emulator.control.journal)


def test_trash_is_owed_until_it_was_emptied_and_then_for_an_hour_not(alice, team, rounds):
    old = draw(alice, team)
    Generation.objects.filter(id=old.id).update(deleted_at=timezone.now() - timedelta(days=31))
    with connection.execute_wrapper(unreachable):
        rounds()
    rounds()
    first = Generation.objects.filter(purged_at=None).count()
    young = draw(alice, team)
    Generation.objects.filter(id=young.id).update(deleted_at=timezone.now() - timedelta(days=31))

    rounds()

    assert (first, Generation.objects.filter(purged_at=None).count()) == (0, 1)


def test_balance_is_read_by_the_next_round_when_one_was_busy_with_a_probe(emulator):
    sweeper, probing = Sweeper(), threading.Event()
    sweeper.lanes["pauses"].submit(lambda: assert_ends(probing))
    sweeper.round()
    probing.set()
    eventually(sweeper.lanes["pauses"].is_idle)
    before = BalanceReading.objects.count()

    sweeper.round()
    sweeper.finish()

    assert (before, BalanceReading.objects.count()) == (0, 1)


def assert_ends(event):
    assert event.wait(120)


def test_balance_is_read_again_as_soon_as_the_last_reading_is_an_hour_old(rounds):
    rounds(2)
    BalanceReading.objects.update(read_at=timezone.now() - timedelta(minutes=59))
    rounds()
    after_59 = BalanceReading.objects.count()
    BalanceReading.objects.update(read_at=timezone.now() - timedelta(hours=1))
    rounds()

    assert (after_59, BalanceReading.objects.count()) == (1, 2)


def test_balance_that_cannot_be_read_is_asked_for_once_a_minute(emulator, rounds):
    before = balances_asked(emulator)
    emulator.control.fault("500", on="credits", times=10)

    rounds(3)

    assert (balances_asked(emulator) - before, BalanceReading.objects.count()) == (1, 0)
