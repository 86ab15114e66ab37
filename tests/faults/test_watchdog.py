"""A real worker that is connected but takes no messages, after its queue was cancelled by remote control."""

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery
from django.conf import settings as site
from django.db.models.functions import Now

from generations import limiter, tasks
from generations.management.devserver import programs
from generations.management.devserver.supervisor import Supervisor
from generations.models import Generation, State
from hidream_site.celery import app
from tests.eventually import eventually
from tests.infrastructure.valkey import valkey

pytestmark = [pytest.mark.faults, pytest.mark.services, pytest.mark.one_database]

QUEUE = site.CELERY_TASK_DEFAULT_QUEUE
SIGN = "has claimed nothing for"
SEVERAL_LOOKS = 5.0  # seconds: several checks of the watchdog in impatient.py


@pytest.fixture
def broker():
    with valkey() as server:
        yield server


class Kept:
    """A worker under the site's own supervisor."""

    def __init__(self, supervisor, broker, log):
        self.supervisor = supervisor
        self.broker = broker
        self.log = log

    def until(self, holds, seconds=60):
        """Wait for a condition while the supervisor looks after its worker."""
        end = time.monotonic() + seconds
        self.supervisor.run(until=lambda: holds() or time.monotonic() > end)
        assert holds(), f"not within {seconds} s"

    def pid(self):
        return self.supervisor.children["worker"].process.pid

    def says(self, words):
        return words in self.log.read_text(errors="replace")

    def go_deaf(self):
        self.until(lambda: self.says("ready."))
        # Celery logs "ready" before it subscribes to the control channel, and Redis keeps no broadcast for later.
        with Celery(broker=self.broker.url, set_as_current=False) as remote:
            eventually(
                lambda: "no longer consuming" in str(remote.control.cancel_consumer(QUEUE, reply=True, timeout=1))
            )

    def ring(self, generation):
        with app.connection_for_write(self.broker.url) as connection:
            tasks.generate.apply_async((str(generation.id),), connection=connection)  # type: ignore[call-arg]


@pytest.fixture
def worker(environment, broker, tmp_path):
    shared = {
        **os.environ, **environment, "REDIS_URL": broker.url, "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
        "PYTHONPATH": str(site.BASE_DIR), "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    program = programs.worker(shared)
    impatient = replace(program, command=[sys.executable, "-m", "tests.faults.impatient", *program.command[3:]])
    log = tmp_path / "logs" / "worker.log"
    with Supervisor(log.parent, print) as supervisor:
        supervisor.start(impatient)
        kept = Kept(supervisor, broker, log)
        kept.until(log.exists)
        yield kept
    print(log.read_text(errors="replace"))


def test_deaf_worker_leaves_and_its_successor_draws(worker, generation, bill):
    worker.go_deaf()
    first = worker.pid()
    worker.ring(generation)
    wait_long(generation)

    worker.until(lambda: state(generation) == State.DONE)

    assert worker.says(SIGN)
    assert worker.pid() != first
    assert bill.posts == 1


def test_worker_does_not_leave_a_paid_call(worker, give_order, emulator, bill):
    emulator.control.update({"speed_up": 3})
    drawn, waiting = give_order(count=2)
    worker.until(lambda: worker.says("ready."))
    worker.ring(drawn)
    worker.until(lambda: bill.posts == 1)
    worker.go_deaf()
    worker.ring(waiting)
    wait_long(waiting)

    worker.until(lambda: state(drawn) != State.RUNNING)
    left_before = worker.says(SIGN)
    emulator.control.update({"speed_up": 10_000})
    worker.until(lambda: state(waiting) == State.DONE)

    assert (state(drawn), left_before) == (State.DONE, False)
    assert (bill.posts, len(bill.charges)) == (2, 2)


def nothing_waits(give_order):
    return


def waiting_for_some_seconds(give_order):
    (row,) = give_order()
    put_back(row, available_at=100)
    Generation.objects.filter(id=row.id).update(enqueued_at=Now())


def blocked_by_the_provider(give_order):
    wait_long(*give_order())
    limiter.block(datetime.now(UTC) + timedelta(minutes=5))


@pytest.mark.parametrize("story", [nothing_waits, waiting_for_some_seconds, blocked_by_the_provider])
def test_deaf_worker_stays_while_there_is_no_sign(worker, give_order, broker, settings, story):
    settings.REDIS_URL = broker.url
    worker.go_deaf()
    story(give_order)
    first = worker.pid()

    end = time.monotonic() + SEVERAL_LOOKS
    worker.supervisor.run(until=lambda: time.monotonic() > end)

    assert worker.pid() == first
    assert not worker.says(SIGN)


def test_healthy_worker_stays_while_it_has_nothing_to_do(worker, generation):
    worker.until(lambda: worker.says("ready."))
    first = worker.pid()
    worker.ring(generation)
    worker.until(lambda: state(generation) == State.DONE)

    end = time.monotonic() + SEVERAL_LOOKS
    worker.supervisor.run(until=lambda: time.monotonic() > end)

    assert worker.pid() == first


def wait_long(*generations):
    """Make the generations due for minutes, and enqueued some time ago."""
    for generation in generations:
        put_back(generation, available_at=100, enqueued_at=20)


def put_back(generation, **seconds):
    changes = {name: Now() - timedelta(seconds=ago) for name, ago in seconds.items()}
    Generation.objects.filter(id=generation.id).update(**changes)


def state(generation):
    return Generation.objects.values_list("state", flat=True).get(id=generation.id)
