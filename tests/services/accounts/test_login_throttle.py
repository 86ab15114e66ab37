"""Login throttle: each wrong password makes the next try wait longer, and only for its sender."""

import threading

import pytest
from django.core.cache import caches

from generations.services.accounts import login_throttle

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
WHO = ("address", "alice@example.test", "192.0.2.1")


def wrong(times, *who):
    for _ in range(times):
        login_throttle.record_failure(*who)


def test_first_ones_are_free_and_the_next_take_turns(clock):
    wrong(login_throttle.FREE_FAILURES - 1, *WHO)
    assert [login_throttle.seconds_until_retry(*WHO) for _ in range(3)] == [0, 0, 0]

    wrong(1, *WHO)
    assert [login_throttle.seconds_until_retry(*WHO) for _ in range(3)] == [0, 1, 1]


@pytest.mark.parametrize(("times", "wait"), [(6, 2), (8, 8), (12, 128), (15, 900), (500, 900)])
def test_wait_doubles_up_to_a_quarter_of_an_hour(times, wait, clock):
    wrong(times, *WHO)

    assert login_throttle.seconds_until_retry(*WHO) == 0
    assert login_throttle.seconds_until_retry(*WHO) == wait


def test_wait_ends(clock):
    wrong(login_throttle.FREE_FAILURES + 4, *WHO)
    login_throttle.seconds_until_retry(*WHO)

    clock.move(15.9)
    assert login_throttle.seconds_until_retry(*WHO) == 1
    clock.move(0.2)
    assert login_throttle.seconds_until_retry(*WHO) == 0


def test_nobody_else_waits_and_success_forgets():
    wrong(20, *WHO)
    login_throttle.seconds_until_retry(*WHO)

    assert login_throttle.seconds_until_retry(*WHO[:2], "192.0.2.2") == 0
    login_throttle.clear_failures(*WHO)
    assert [login_throttle.seconds_until_retry(*WHO) for _ in range(2)] == [0, 0]


def test_tries_at_the_same_moment_are_one():
    wrong(10, *WHO)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(login_throttle.seconds_until_retry(*WHO))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers.count(0) == 1


def test_cache_keeps_no_address_of_a_person():
    wrong(10, *WHO)

    assert "alice" not in str(vars(caches["shared"])["_cache"])


def test_site_without_its_cache_lets_people_in(settings):
    settings.CACHES = {
        **settings.CACHES,
        "shared": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"},
    }

    wrong(10, *WHO)
    login_throttle.clear_failures(*WHO)

    assert login_throttle.seconds_until_retry(*WHO) == 0
    assert login_throttle.acquire_once(60, "x")
