"""A run that is given up says what it waited for."""

import signal
import time
from typing import Any

import pytest
from django.db import OperationalError

from tests.chaos import run, story
from tests.chaos.progress import Progress, TimeUp, listed


class Family:
    restarts = 2

    def standing(self):
        return "worker-1 (exit code 1) ended"


class Shop:
    """A shop in which these things stay open, and nothing moves."""

    silence = 60.0

    def __init__(self, waiting):
        self._waiting = waiting

    def is_ready(self):
        return False

    def waiting(self):
        if self._waiting is None:
            raise OperationalError
        return self._waiting


def settled(waiting, seconds):
    said = []
    shop: Any = Shop(waiting)
    family: Any = Family()
    story._settle(shop, family, said.append, time.monotonic() + seconds)
    return said


def test_wait_without_end_names_what_is_open_and_who_is_away(monkeypatch):
    monkeypatch.setattr(story, "LOOK", 0.01)

    monkeypatch.setattr(Shop, "silence", 0.05)

    given_up, counted = settled({"orders that are queued": 2, "answers that are not stored": 0}, 60)

    assert given_up.startswith("given up waiting, because nothing has moved for 0 s, for 2 orders that are queued; ")
    assert given_up.endswith("worker-1 (exit code 1) ended")
    assert counted.startswith("2 left ")


def test_database_that_does_not_answer_is_named(monkeypatch, db):
    monkeypatch.setattr(story, "LOOK", 0.01)

    assert "because the time is up, for the database, which does not answer" in settled(None, 0.05)[0]


def test_nothing_open_is_not_given_up(monkeypatch):
    monkeypatch.setattr(story, "LOOK", 0.01)
    monkeypatch.setattr(story, "STEADY", 0.0)

    (counted,) = settled({"orders that are queued": 0}, 5)

    assert counted.startswith("0 left ")


def test_processes_that_never_work_are_named(monkeypatch):
    monkeypatch.setattr(story, "READY_SECONDS", 0)
    monkeypatch.setattr(story, "progress", Progress())

    shop: Any = Shop({})
    family: Any = Family()

    with pytest.raises(TimeUp, match=r"waiting for the processes of the site .*: worker-1 \(exit code 1\) ended\."):
        story._wait_until_ready(shop, family)


def test_alarm_names_the_step(monkeypatch):
    now = Progress()
    now.waits_for = "open orders to end"
    monkeypatch.setattr(run, "progress", now)

    with pytest.raises(TimeUp, match=r"Given up while waiting for open orders to end\."):
        run._time_up(signal.SIGALRM, None)


def test_only_what_is_open_is_listed():
    assert listed({"orders that are queued": 0, "orders that are running": 3}) == "3 orders that are running"
