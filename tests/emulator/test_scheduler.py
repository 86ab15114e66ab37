"""The one clock of all submitted jobs."""

import threading

from generations.emulator.scheduler import Scheduler
from tests.eventually import eventually


def test_what_is_due_first_is_started_first():
    scheduler, seen = Scheduler(), []

    scheduler.after(0.2, lambda: seen.append("later"))
    scheduler.after(0.05, lambda: seen.append("sooner"))

    eventually(lambda: len(seen) == 2)
    scheduler.stop()
    assert seen == ["sooner", "later"]


def test_action_that_fails_is_shown_and_stops_nobody(capsys):
    scheduler, done = Scheduler(), threading.Event()

    scheduler.after(0, lambda: 1 / 0)
    scheduler.after(0, done.set)

    assert done.wait(20)
    scheduler.stop()
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_nothing_is_started_after_the_stop():
    scheduler, seen = Scheduler(), []
    scheduler.after(0.1, lambda: seen.append("waiting"))
    thread = scheduler._thread

    scheduler.stop()
    scheduler.after(0, lambda: seen.append("new"))

    thread.join(20)
    assert (thread.is_alive(), seen) == (False, [])
