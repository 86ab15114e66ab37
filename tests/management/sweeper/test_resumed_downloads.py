"""A worker of version 2 is killed after its order was taken: the first round after its lease fetches the picture."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from generations.management.sweeper.rounds import Sweeper
from generations.models import AttemptState, Generation, State
from generations.pipeline.worker import fulfil as pipeline
from tests.eventually import eventually
from tests.factories import order

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    pass


@pytest.fixture
def v2(settings, emulator):
    settings.SEGMIND_API_VERSION, settings.SEGMIND_TIMEOUT = "v2", 10
    return settings


def killed(alice, team, monkeypatch):
    """By the real way of a worker, right after the request id was noted."""
    (row,) = order(alice, team)
    noted = pipeline._accepted

    def accepted(claimed, request_id):
        noted(claimed, request_id)
        raise Killed

    monkeypatch.setattr(pipeline, "_accepted", accepted)
    with pytest.raises(Killed):
        pipeline.fulfil(row.id)
    row.refresh_from_db()
    assert (row.state, row.attempts.get().state) == (State.RUNNING, AttemptState.SENT)
    return row


def sweep():
    sweeper = Sweeper()
    sweeper.round()
    sweeper.finish()
    connection.close()


def posts(emulator):
    return [one.request_id for one in emulator.control.journal if one.method == "POST"]


def test_first_round_after_the_lease_fetches_the_picture(alice, team, v2, emulator, monkeypatch):
    row = killed(alice, team, monkeypatch)
    Generation.objects.update(lease_until=Now() - timedelta(milliseconds=1))
    orders = posts(emulator)

    sweep()

    row.refresh_from_db()
    assert (row.state, row.attempts.get().state) == (State.DONE, AttemptState.STORED)
    assert posts(emulator) == orders


def test_lease_ends_with_the_wait_for_the_picture(alice, team, v2, emulator, monkeypatch):
    """The minute that a worker has to store what came is not waited for when none has come."""
    v2.SEGMIND_TIMEOUT, v2.STORE_SECONDS = 2, 600
    monkeypatch.setattr(pipeline, "SHORT_WAIT_SECONDS", 0.1)
    row = killed(alice, team, monkeypatch)
    assert row.lease_until < timezone.now() + timedelta(seconds=10)
    eventually(lambda: Generation.objects.filter(id=row.id, lease_until__lte=Now()).exists())

    sweep()

    row.refresh_from_db()
    assert row.state == State.DONE


def test_worker_that_stores_has_its_time_from_then_on(alice, team, v2, emulator, monkeypatch):
    v2.STORE_SECONDS = 600
    seen = []

    def accept(attempt_id, answer, provider):
        seen.append(Generation.objects.get().lease_until - timezone.now())

    monkeypatch.setattr(pipeline, "accept", accept)
    (row,) = order(alice, team)

    pipeline.fulfil(row.id)

    assert seen[0] > timedelta(seconds=500)
