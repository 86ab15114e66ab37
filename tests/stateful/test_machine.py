"""A short run of the stories; `make stateful` plays many more, `make mutants` plants every design error."""

import logging
import random

import pytest

from tests.stateful import mutants, play

pytestmark = [pytest.mark.faults, pytest.mark.django_db]
STEPS, STORIES = 400, 10
DIFFERENT = 12


@pytest.fixture(autouse=True)
def quiet():
    """Thousands of refused calls and dead workers would fill the report."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_no_story_breaks_the_books(version):
    """A failure names its seed."""
    counts = play.until(version, STEPS, random.randrange(1_000_000), stories=STORIES)

    assert counts["steps"] >= STEPS
    assert sum(name.startswith("outcome: ") for name in counts) >= DIFFERENT
    assert counts["deaths"] > 0


@pytest.mark.parametrize("name", ["sent_is_recorded_after_the_call", "doubt_gives_its_hold_back"])
def test_planted_design_error_is_found(name):
    assert mutants.killed(name)
