"""How long a picture usually takes."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from generations.models import Attempt, Generation
from generations.queries.generations.attempt_history import DurationRange, request_ids, usual_duration, usual_durations
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
KIND = ("hidream-l1-fast", "1024x1024", "lightly-juiced")


def finished(alice, team, seconds, **raw):
    """Create a picture that took so many seconds, as a worker would leave it."""
    (row,) = order(alice, team, **raw)
    sent = timezone.now()
    Generation.objects.filter(id=row.id).update(state="done")
    answered = sent + timedelta(seconds=seconds)
    Attempt.objects.create(generation=row, number=1, state="stored", estimate=1, sent_at=sent, answered_at=answered)


def test_without_history_it_is_the_vendors_mean_give_or_take_a_quarter():
    assert usual_duration(*KIND) == DurationRange(7, 13)


@pytest.mark.parametrize(
    ("speed", "range_"),
    [
        ("unsqueezed", DurationRange(10, 17)),
        ("juiced", DurationRange(5, 9)),
        ("extra-juiced", DurationRange(3, 7)),
        ("warp", DurationRange(7, 13)),
    ],
)
def test_without_history_a_speed_takes_its_share_of_the_vendors_mean(speed, range_):
    assert usual_duration("hidream-l1-fast", "1024x1024", speed) == range_


def test_model_whose_schema_was_removed_still_has_a_range():
    assert usual_duration("gone-model", "", "") == DurationRange(7, 13)


def test_request_id_is_the_latest_that_was_given(alice, team):
    first, second, third = order(alice, team, count=3)
    now = timezone.now()
    for row, n, request_id in [(first, 1, "a"), (first, 2, "b"), (second, 1, "c"), (second, 2, ""), (third, 1, "")]:
        Attempt.objects.create(
            generation=row, number=n, request_id=request_id, state="not_billed", estimate=1, sent_at=now
        )

    assert request_ids([first.id, second.id, third.id]) == {first.id: "b", second.id: "c"}


def test_four_pictures_are_not_enough_and_five_are(alice, team):
    for _ in range(4):
        finished(alice, team, 30)
    assert usual_duration(*KIND) == DurationRange(7, 13)

    finished(alice, team, 30)
    assert usual_duration(*KIND) == DurationRange(30, 30)


def test_slowest_and_fastest_tenth_do_not_count(alice, team):
    for seconds in (1, 10, 10, 11, 11, 12, 12, 13, 13, 300):
        finished(alice, team, seconds)

    assert (usual_duration(*KIND).low, usual_duration(*KIND).high <= 14) == (10, True)


def test_only_pictures_of_the_same_kind_count(alice, team):
    for _ in range(5):
        finished(alice, team, 60, speed_mode="juiced")
        finished(alice, team, 90, resolution="1360x768")

    assert usual_duration(*KIND) == DurationRange(7, 13)


def test_only_the_latest_fifty_count(alice, team):
    for seconds in [100] * 10 + [5] * 50:
        finished(alice, team, seconds)

    assert usual_duration(*KIND).high < 10


def test_failed_ones_do_not_count(alice, team):
    for _ in range(5):
        finished(alice, team, 60)
    Generation.objects.update(state="failed")

    assert usual_duration(*KIND) == DurationRange(7, 13)


@pytest.mark.parametrize(("range_", "text"), [(DurationRange(8, 12), "8–12 s"), (DurationRange(9, 9), "9 s")])
def test_range_reads_as_a_person_says_it(range_, text):
    assert str(range_) == text


def test_range_is_remembered(settings, django_assert_num_queries):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    usual_duration(*KIND)

    with django_assert_num_queries(0):
        usual_duration(*KIND)
    cache.clear()


def test_several_kinds_are_asked_at_once(alice, team, django_assert_num_queries):
    for _ in range(5):
        finished(alice, team, 60, speed_mode="juiced")
    size = KIND[1]

    with django_assert_num_queries(1):
        found = usual_durations(KIND[0], [(size, "juiced"), (size, "lightly-juiced")])

    assert found == {(size, "juiced"): DurationRange(60, 60), (size, "lightly-juiced"): DurationRange(7, 13)}
