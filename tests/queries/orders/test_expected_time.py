"""How long several pictures take together."""

import pytest

from generations.queries.generations.attempt_history import usual_duration
from generations.queries.orders.expected_time import expected_time
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MODEL = "hidream-l1-fast"
KIND = ("1024x1024", "juiced")


def test_one_picture_takes_as_long_as_its_kind(alice, team):
    assert expected_time(team, alice, MODEL, [KIND]).span == usual_duration(MODEL, *KIND)


def test_rate_limit_decides_where_many_are_sent(settings, alice, team):
    settings.SEGMIND_RPM, settings.WORKER_CONCURRENCY = 10, 512

    found = expected_time(team, alice, MODEL, [KIND] * 64)

    assert found.a_minute == 9
    assert found.span.low == 63 * 60 / 9 + usual_duration(MODEL, *KIND).low


def test_workers_decide_where_few_draw_at_once(settings, alice, team):
    settings.SEGMIND_RPM, settings.WORKER_CONCURRENCY = 0, 1

    assert expected_time(team, alice, MODEL, [KIND] * 10).span.high == 10 * usual_duration(MODEL, *KIND).high


def test_what_is_in_the_line_comes_first(settings, alice, team):
    settings.SEGMIND_RPM, settings.WORKER_CONCURRENCY = 0, 1
    order(alice, team, count=5)

    found = expected_time(team, alice, MODEL, [KIND] * 5)

    assert (found.ahead, found.span.high) == (5, 10 * usual_duration(MODEL, *KIND).high)


def test_nothing_takes_no_time(alice, team):
    assert expected_time(team, alice, MODEL, []).span.high == 0
