"""The real processes: a Celery worker, the sweeper and a broker, each of which may disappear at any moment."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db.models.functions import Now

from generations import tasks
from generations.management.devserver import programs
from generations.models import Attempt, AttemptState, Generation, State
from generations.pipeline.recovery import recover
from hidream_site.celery import app
from tests.eventually import eventually
from tests.infrastructure.postgres import postgres
from tests.infrastructure.valkey import valkey

pytestmark = [pytest.mark.faults, pytest.mark.services, pytest.mark.both_databases]

MANAGE = str(Path(site.BASE_DIR, "manage.py"))
SITE = {"DJANGO_SETTINGS_MODULE": "hidream_site.settings"}
QUEUE = site.CELERY_TASK_DEFAULT_QUEUE
A_MOMENT = 60.0  # in seconds; kombu alone would try until it succeeds


class Process:
    """A process that `keep` restarts when it has died, as the supervisor does."""

    def __init__(self, command, environment, log):
        self.command = command
        self.environment = environment
        self.log = log
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)

    def keep(self):
        if self.running.poll() is not None:
            self.start()

    def end(self, number, seconds=20):
        """Send the signal and return the exit code."""
        self.running.send_signal(number)
        return self.running.wait(seconds)

    def says(self, words):
        return words in self.log.read_text(errors="replace")


@pytest.fixture
def broker():
    with valkey() as server:
        yield server


@pytest.fixture
def run(environment, broker, tmp_path):
    """Return a function that starts a process of the site with the test's database, files, provider and broker."""
    started = []
    shared = {
        **os.environ,
        **environment,
        "REDIS_URL": broker.url,
        **SITE,
    }

    def run(name, **more):
        log = tmp_path / f"{name}-{len(started)}.log"
        started.append(Process(commands(shared)[name], {**shared, **more}, log))
        return started[-1]

    yield run
    for process in started:
        process.running.kill()
        process.running.wait()
        print(process.log.name, process.log.read_text(errors="replace"), sep="\n")


def commands(shared):
    return {
        "worker": programs.worker(shared).command,
        "sweeper": [sys.executable, MANAGE, "sweeper", "--every", "0.3"],
    }


@pytest.fixture
def ring(broker):
    """Return a function that sends messages through the broker without a site."""

    def ring(generation, times=1):
        with app.connection_for_write(broker.url) as connection:
            for _ in range(times):
                tasks.generate.apply_async((str(generation.id),), connection=connection)  # type: ignore[call-arg]

    return ring


@pytest.fixture
def slow(emulator):
    """Make pictures take some seconds, so that there is time to break something."""
    emulator.control.update({"speed_up": 5})
    yield
    emulator.control.update({"speed_up": 10_000})


def test_order_given_while_the_broker_is_away_is_drawn_when_it_is_back(give_order, broker, run, bill):
    worker, sweeper = run("worker"), run("sweeper")
    eventually(lambda: worker.says("ready."))
    broker.kill()

    began = time.monotonic()
    (generation,) = give_order()
    took = time.monotonic() - began
    age(generation, queued_at=recover.ENQUEUE_AFTER)
    time.sleep(0.8)

    assert took < A_MOMENT
    assert (state(generation), bill.posts) == (State.QUEUED, 0)
    assert sweeper.running.poll() is None
    broker.start()
    eventually(lambda: worker.keep() or state(generation) == State.DONE)
    assert bill.posts == 1


@pytest.mark.usefixtures("slow")
def test_worker_killed_in_a_paid_call_leaves_a_doubt_and_no_second_call(generation, run, ring, bill):
    worker = run("worker")
    ring(generation)
    eventually(lambda: bill.posts == 1)

    worker.end(signal.SIGKILL)
    run("worker")
    run("sweeper")
    ring(generation, 5)
    eventually(lambda: len(bill.charges) == 1)
    still = state(generation)
    age(generation, lease_until=timedelta(seconds=1))
    eventually(lambda: state(generation) == State.UNKNOWN)
    ring(generation, 5)
    time.sleep(1)

    assert still == State.RUNNING
    assert (state(generation), Attempt.objects.get().state) == (State.UNKNOWN, AttemptState.UNKNOWN)
    assert (bill.posts, len(bill.charges)) == (1, 1)


@pytest.mark.usefixtures("slow")
def test_worker_told_to_stop_finishes_the_call_it_is_in(generation, run, ring, bill):
    worker = run("worker")
    ring(generation)
    eventually(lambda: bill.posts == 1)

    code = worker.end(signal.SIGTERM)

    assert (code, state(generation)) == (0, State.DONE)
    assert (bill.posts, len(bill.charges)) == (1, 1)


@pytest.mark.usefixtures("slow")
def test_broker_that_dies_during_a_paid_call_costs_nothing(give_order, broker, run, ring, bill):
    worker = run("worker")
    first, second = give_order(count=2)
    ring(first)
    eventually(lambda: bill.posts == 1)

    broker.kill()
    eventually(lambda: state(first) == State.DONE)
    broker.start()
    ring(second)

    eventually(lambda: worker.keep() or state(second) == State.DONE)
    assert (bill.posts, len(bill.charges)) == (2, 2)


def test_sweeper_outlives_a_database_that_crashes(run, environment):
    with postgres() as server:
        subprocess.run(
            [sys.executable, MANAGE, "migrate", "--verbosity=0"],
            env={**os.environ, **environment, "DATABASE_URL": server.url, **SITE},
            check=True,
        )
        sweeper = run("sweeper", DATABASE_URL=server.url)
        eventually(lambda: asks(server))

        server.kill()
        eventually(lambda: sweeper.says("this round of the sweeper failed"))
        server.start()

        eventually(lambda: asks(server))
        assert sweeper.running.poll() is None
        assert sweeper.end(signal.SIGTERM) == 0


def asks(server):
    """Return whether another process has a connection to this database."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'gallery' AND pid <> pg_backend_pid()"
    with server.connect("gallery") as connection:
        return connection.execute(others).fetchone()[0]


def test_message_delivered_fifty_times_makes_one_call(generation, run, ring, bill):
    worker = run("worker")
    ring(generation, 50)

    eventually(lambda: worker.log.read_text().count("succeeded in") == 50)
    assert state(generation) == State.DONE
    assert bill.posts == 1
    assert not worker.says("Traceback")


def test_broker_that_forgets_everything_loses_no_order(give_order, broker, run, bill):
    rows = give_order(count=3)
    for row in rows:
        age(row, queued_at=recover.ENQUEUE_AFTER)
    run("sweeper")
    with broker.client() as client:
        eventually(lambda: client.llen(QUEUE) == 3)
        eventually(lambda: all(Generation.objects.values_list("enqueued_at", flat=True)))
        client.flushall()

    worker = run("worker")
    eventually(lambda: worker.says("ready."))
    for row in rows:
        age(row, enqueued_at=recover.REDELIVER_AFTER)

    eventually(lambda: {state(row) for row in rows} == {State.DONE})
    assert bill.posts == 3


def test_worker_that_is_consuming_survives_a_broker_that_forgets_everything(give_order, broker, run, bill):
    worker = run("worker")
    run("sweeper")
    eventually(lambda: worker.says("ready."))
    with broker.client() as client:
        client.flushall()

    (generation,) = give_order()
    age(generation, queued_at=recover.ENQUEUE_AFTER)

    eventually(lambda: worker.keep() or state(generation) == State.DONE)
    assert bill.posts == 1


def state(generation):
    return Generation.objects.values_list("state", flat=True).get(id=generation.id)


def age(generation, **moments):
    """Move these timestamps into the past."""
    Generation.objects.filter(id=generation.id).update(**{name: Now() - distance for name, distance in moments.items()})
