"""What a worker takes, and the seeds it sends."""

from dataclasses import replace
from uuid import uuid4

import pytest

from generations import schema
from generations.models import Attempt, Generation, State
from generations.pipeline.worker.claim import MAX_SEED, claim, draw_seed, move, seed_after
from generations.pipeline.worker.fulfil import fulfil
from tests.factories import order

pytestmark = pytest.mark.both_databases

SEED = schema.get()["seed"]


@pytest.mark.django_db
@pytest.mark.usefixtures("watched")
def test_order_whose_model_was_removed_fails_with_a_sentence(alice, team, emulator):
    (generation,) = order(alice, team)
    Generation.objects.update(model="gone")
    calls = len(emulator.control.journal)

    fulfil(generation.id)

    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert generation.reason == "This site no longer offers the model “gone”. Not charged."
    assert generation.finished_at
    assert (Attempt.objects.count(), len(emulator.control.journal) - calls) == (0, 0)
    assert claim(generation.id) is None


def test_move_to_failed_without_the_time_of_its_end_is_refused():
    """Else the sums of days would go on saying what they said before."""
    with pytest.raises(ValueError, match="has to set finished_at"):
        move(uuid4(), State.RUNNING, State.FAILED, reason="no reason")


def bounded(low, high):
    return replace(SEED, minimum=low, maximum=high)


@pytest.mark.parametrize(
    ("low", "high", "drawn"),
    [(-1, 3, {1, 2, 3}), (0, 2, {1, 2}), (7, 9, {7, 8, 9}), (None, 2, {1, 2}), (5, 5, {5})],
)
def test_drawn_seed_lies_within_the_bounds_of_its_parameter(low, high, drawn):
    assert {draw_seed(bounded(low, high)) for _ in range(200)} == drawn


@pytest.mark.parametrize("parameter", [None, bounded(None, None), bounded(-1, 2**80)])
def test_seed_without_bounds_fits_the_database(parameter):
    largest = MAX_SEED if parameter is None or parameter.maximum is None else 2**63 - 1

    assert all(1 <= draw_seed(parameter) <= largest for _ in range(200))


@pytest.mark.parametrize(
    ("chosen", "steps", "seed"), [(7, 0, 7), (7, 2, 9), (7, 3, 5), (9, 1, 5), (5, 7, 7), (0, 1, 1)]
)
def test_seed_behind_the_largest_is_the_smallest(chosen, steps, seed):
    assert seed_after(chosen, steps, bounded(5, 9)) == seed
