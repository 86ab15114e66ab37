"""From queued to stored, against the emulator over HTTP."""

import hashlib
from decimal import Decimal

import pytest

from generations import tasks
from generations.models import Attempt, AttemptState, Generation, Image, State
from generations.pipeline.worker.fulfil import fulfil
from generations.storage import files, spool
from tests.factories import draw, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.usefixtures("large_pictures")
def test_picture_is_stored_with_all_that_is_known_about_it(alice, team, emulator):
    generation = draw(alice, team, prompt='a sign that says "Open late"', resolution="1248x832", output_format="png")

    image, attempt = generation.image, generation.attempts.get()
    data = files.read(image.path)
    assert (image.format, image.width, image.height) == ("png", 1248, 832)
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    assert image.size == len(data)
    assert attempt.state == AttemptState.STORED
    assert attempt.seed == generation.seed == attempt.reported_seed
    assert attempt.cost == generation.cost > 0
    assert not generation.cost_estimated
    assert all([attempt.request_id, attempt.generation_seconds, attempt.remaining_credits])
    assert attempt.sent_at <= attempt.answered_at <= attempt.finished_at
    assert list(spool.waiting()) == []


@pytest.mark.usefixtures("large_pictures")
def test_thumbnails_of_three_widths_are_made_with_the_picture(alice, team, emulator):
    generation = draw(alice, team, resolution="1360x768")

    made = list(generation.image.thumbnails.order_by("nominal").values_list("nominal", "width"))
    assert made == [(320, 320), (640, 640), (1280, 1280)]
    assert generation.image.placeholder.startswith("data:image/webp;base64,")


def test_fifty_messages_for_one_row_make_one_call(alice, team, emulator):
    (generation,) = order(alice, team)
    before = len(emulator.control.journal)

    for _ in range(50):
        tasks.generate(str(generation.id))

    assert len(emulator.control.journal) - before == 1
    assert Image.objects.count() == Attempt.objects.count() == 1


@pytest.mark.parametrize("message", ["", "not-an-id", "01900000-0000-7000-8000-000000000000", "1' OR 1=1"])
def test_message_that_names_no_row_does_nothing(message, emulator):
    tasks.generate(message)

    assert Attempt.objects.count() == 0


def test_cancelled_generation_is_not_drawn(alice, team, emulator):
    (generation,) = order(alice, team)
    Generation.objects.filter(id=generation.id).update(state=State.CANCELLED)

    fulfil(generation.id)

    assert Attempt.objects.count() == 0


def test_seed_that_a_person_chose_is_sent(alice, team, emulator):
    generation = draw(alice, team, seed="4711")

    assert generation.attempts.get().reported_seed == 4711


def test_batch_counts_up_from_a_chosen_seed(alice, team):
    ordered = order(alice, team, count=3, seed="7")

    assert [generation.seed for generation in ordered] == [7, 8, 9]


def test_random_seeds_of_a_batch_differ_and_are_never_minus_one(alice, team):
    seeds = [generation.seed for generation in order(alice, team, count=8)]

    assert len(set(seeds)) == 8
    assert min(seeds) >= 1


def test_cost_without_a_price_in_the_answer_is_marked_as_estimate(alice, team, emulator):
    emulator.control.update({"cost_header": False})
    try:
        generation = draw(alice, team)
    finally:
        emulator.control.update({"cost_header": True})

    attempt = generation.attempts.get()
    assert (generation.cost_estimated, attempt.cost_estimated) == (True, True)
    assert generation.cost == attempt.generation_seconds * Decimal("0.0015")
