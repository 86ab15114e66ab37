"""The one clock of all submitted jobs."""

import threading

from generations.emulator.jobs.schedule import Schedule
from tests.eventually import eventually


def test_what_is_due_first_is_started_first():
    schedule, seen = Schedule(), []

    schedule.after(0.2, lambda: seen.append("later"))
    schedule.after(0.05, lambda: seen.append("sooner"))

    eventually(lambda: len(seen) == 2)
    schedule.stop()
    assert seen == ["sooner", "later"]


def test_action_that_fails_is_shown_and_stops_nobody(capsys):
    schedule, done = Schedule(), threading.Event()

    schedule.after(0, lambda: 1 / 0)
    schedule.after(0, done.set)

    assert done.wait(20)
    schedule.stop()
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_nothing_is_started_after_the_stop():
    schedule, seen = Schedule(), []
    schedule.after(0.1, lambda: seen.append("waiting"))
    thread = schedule._thread

    schedule.stop()
    schedule.after(0, lambda: seen.append("new"))

    thread.join(20)
    assert (thread.is_alive(), seen) == (False, [])
