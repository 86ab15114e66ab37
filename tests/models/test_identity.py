"""Ids that sort by the time they were drawn."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generations.models import uuid7, uuid7_at, uuid7_min, uuid7_time

pytestmark = pytest.mark.both_databases

moments = st.datetimes(datetime(1971, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (bounds must be naive)
MILLISECOND = timedelta(milliseconds=1)


def test_ids_of_one_process_grow():
    ids = [uuid7() for _ in range(20_000)]

    assert ids == sorted(set(ids))


def test_ids_grow_for_each_thread_and_never_repeat_across_threads():
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: [uuid7() for _ in range(2_000)], range(8)))

    assert all(ids == sorted(ids) for ids in drawn)
    assert len({one for ids in drawn for one in ids}) == 16_000


def test_text_sorts_as_the_number_does():
    ids = [uuid7() for _ in range(1_000)]

    assert [str(one) for one in ids] == sorted(str(one) for one in ids)


def test_id_is_version_7_of_the_standard_variant():
    one = uuid7()

    assert (one.version, one.variant) == (7, uuid.RFC_4122)


def test_id_says_when_it_was_drawn():
    before = datetime.now(UTC)
    drawn = uuid7_time(uuid7())

    assert before - MILLISECOND <= drawn <= datetime.now(UTC) + MILLISECOND


@given(moments)
def test_first_id_bounds_every_id_of_its_moment(moment):
    first, of_then, next_first = uuid7_min(moment), uuid7_at(moment), uuid7_min(moment + MILLISECOND)

    assert first <= of_then < next_first


@given(moments)
def test_time_of_an_id_is_its_moment_to_the_millisecond(moment):
    for one in (uuid7_min(moment), uuid7_at(moment)):
        assert abs(uuid7_time(one) - moment) <= MILLISECOND
        assert (one.version, one.variant) == (7, uuid.RFC_4122)


@given(moments, moments)
def test_later_moment_has_the_greater_first_id(one, other):
    assert (uuid7_min(one) <= uuid7_min(other)) >= (one <= other)


def test_id_drawn_now_stands_between_the_ids_of_yesterday_and_tomorrow():
    now = datetime.now(UTC)

    assert uuid7_at(now - timedelta(days=1)) < uuid7() < uuid7_at(now + timedelta(days=1))
