"""Concurrent requests end exactly at a rate limit, on both databases."""

import time
from functools import partial

import pytest
from django.db import connection

from generations.errors import TooManyRequests
from generations.models import RateLimitUse
from generations.services.site import rate_limits
from tests.faults.together import together

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
TOGETHER, LEFT = 20, 7


def take_or_not(action, **whose):
    try:
        rate_limits.acquire(action, **whose)
    except TooManyRequests:
        return 0
    return 1


def race(alice):
    rate_limits.acquire("comment", user=alice, times=60 - LEFT)
    return sum(together(*[partial(take_or_not, "comment", user=alice)] * TOGETHER))


def test_twenty_at_once_end_exactly_at_the_limit_of_a_user(alice):
    assert race(alice) == LEFT
    assert RateLimitUse.objects.count() == 60


def test_twenty_users_at_once_end_exactly_at_the_limit_of_the_site(alice, bob, settings):
    settings.MAIL_PER_HOUR = LEFT
    jobs = [
        partial(take_or_not, "invitation", user=(alice, bob)[n % 2], address=f"{n}@example.test")
        for n in range(TOGETHER)
    ]

    assert sum(together(*jobs)) == LEFT
    assert RateLimitUse.objects.filter(action="mail").count() == LEFT


def test_twenty_at_once_overshoot_where_nothing_is_locked(alice, monkeypatch):
    """The control. On SQLite the transaction is the lock: it begins with the right to write."""
    require = rate_limits._require

    def slowly(*args):
        require(*args)
        time.sleep(0.02)

    monkeypatch.setattr(rate_limits, "_require", slowly)
    monkeypatch.setattr(rate_limits, "_lock", lambda subjects: None)

    assert (race(alice) > LEFT) == (connection.vendor == "postgresql")
