"""When a worker's watchdog ends its process, in processes of their own; tests/faults has it in a real worker."""

import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from celery.concurrency.prefork import TaskPool
from django.db import OperationalError, connection

from generations.management import watchdog
from generations.management.watchdog import RunningTasks, has_unclaimed_generations
from tests.infrastructure.ports import free_port

STORY = """
import signal, sys, threading, time
import django; django.setup()
from generations.management.watchdog import RunningTasks, Watchdog
running_tasks = RunningTasks()
times = dict(idle=0.2, every=0.05, warm=0.3)
watchdog = Watchdog(running_tasks, has_work=lambda idle: {has_work}, is_expected=lambda: {is_expected}, **times)
{before}
watchdog.start()
time.sleep({long})
{after}
print("lived", flush=True)
watchdog.join({patience})
"""


def tell(*, has_work=True, is_expected=False, before="", after="", patience=0, long=120):
    """Exit code and words of a process that a watchdog looks at, so long unless it is ended before."""
    words = {"before": before, "after": after, "patience": patience, "long": long}
    story = STORY.format(has_work=has_work, is_expected=is_expected, **words)
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""}
    run = subprocess.run([sys.executable, "-c", story], env=environment, capture_output=True, text=True, timeout=300,
                         check=False)  # fmt: skip
    return run.returncode, run.stdout.strip()


def test_idle_process_is_asked_to_end():
    assert tell() == (-signal.SIGTERM, "")


def test_process_that_does_not_listen_is_ended():
    assert tell(before="signal.signal(signal.SIGTERM, signal.SIG_IGN)") == (watchdog.EXIT_CODE, "")


@pytest.mark.parametrize("reason", [{"has_work": False}, {"is_expected": True}, {"before": "running_tasks.begin()"}])
def test_process_lives_on_while_nothing_waits_or_waiting_is_expected_or_a_task_runs(reason):
    assert tell(**reason, long=1.5) == (0, "lived")


def test_task_that_begins_after_the_signal_is_waited_for():
    """A worker that ignores SIGTERM and takes a task at that moment is ended when the task has ended."""
    begin = "begun = threading.Event()\nsignal.signal(signal.SIGTERM, lambda *_: (running_tasks.begin(), begun.set()))"
    ended = "begun.wait(120) and time.sleep(0.5)\nrunning_tasks.end()"

    assert tell(before=begin, after=ended, patience=120, long=0) == (watchdog.EXIT_CODE, "lived")


def test_process_is_not_idle_while_a_task_runs_and_counts_from_the_last_end():
    running_tasks = RunningTasks()
    running_tasks.begin()
    running_tasks.begin()
    running_tasks.end()
    time.sleep(0.05)
    still_busy = running_tasks.idle_seconds()
    began = time.monotonic()
    running_tasks.end()
    idle = running_tasks.idle_seconds()

    assert still_busy == 0
    assert 0 < idle <= time.monotonic() - began


def test_worker_of_the_site_loads_it():
    program = (
        "import sys; from hidream_site.celery import app; app.loader.import_default_modules();"
        "sys.exit('generations.management.watchdog' not in sys.modules)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""}

    assert subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=False).returncode == 0


@pytest.mark.django_db
def test_database_that_is_away_is_no_sign():
    def refuse(execute, sql, params, many, context):
        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(refuse):
        assert not has_unclaimed_generations(0)


@pytest.mark.django_db(transaction=True)
def test_broker_that_is_away_is_an_excuse(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    assert watchdog.is_waiting_expected()


def test_worker_with_processes_has_no_watchdog(caplog):
    watchdog.watch(SimpleNamespace(pool=TaskPool(limit=1)))

    assert caplog.messages == ["no watchdog: it needs --pool threads, and this worker's is celery.concurrency.prefork"]
