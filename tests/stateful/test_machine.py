"""A short run of the stories; `make stateful` plays many more, `make mutation-test` plants every design error."""

import logging

import pytest

from generations.pipeline.worker import fulfil
from tests.stateful import mutants, play

pytestmark = [pytest.mark.faults, pytest.mark.django_db]
STEPS, STORIES, SEED = 250, 10, 20261122
DIFFERENT = 12


@pytest.fixture(autouse=True)
def quiet():
    """Disable logging: thousands of refused calls and dead workers would fill the report."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_no_story_breaks_the_books(version):
    """The stories are always the same here; `make stateful` plays new ones."""
    counts = play.until(version, STEPS, SEED, stories=STORIES)

    assert counts["steps"] >= STEPS
    assert sum(name.startswith("outcome: ") for name in counts) >= DIFFERENT
    assert counts["deaths"] > 0


@pytest.mark.parametrize("name", ["sent_is_recorded_after_the_call", "doubt_gives_its_hold_back"])
def test_planted_design_error_is_found(name):
    assert mutants.killed(name)


def test_design_error_that_does_not_fit_the_site_any_more_is_not_found(monkeypatch):
    """Otherwise any exception would count as a discovery."""

    def outdated(stack):
        mutants._put(stack, fulfil, "mark_sent", lambda: True)

    monkeypatch.setitem(mutants.mutants, "outdated", outdated)

    with pytest.raises(mutants.NotPlanted, match="outdated: TypeError"):
        mutants.killed("outdated")
