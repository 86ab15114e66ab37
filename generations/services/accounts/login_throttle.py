"""The login throttle: guessing a password takes longer with every wrong one; nobody else is kept out by it.

Counted in the cache that all processes share. Without it everybody is let through: a closed door would stop the site
for the sake of a counter.
"""

import hashlib
import logging
import time
from collections.abc import Callable

import redis
from django.core.cache import caches

FREE_FAILURES = 5
MAX_WAIT_SECONDS = 15 * 60
TTL_SECONDS = 24 * 3600
logger = logging.getLogger(__name__)


def seconds_until_retry(*who: str, free: int = FREE_FAILURES) -> int:
    """Seconds until the next try is looked at, 0 when it may be now.

    Behind the free ones every try takes a gate that stays shut longer each time, so tries at the same moment are one.
    """
    return _uncounted_without_cache(_must_wait, _key(who), free)


def seconds_left(*who: str, free: int = FREE_FAILURES) -> int:
    """What `must_wait` would say now; the gate is left as it is."""
    return _uncounted_without_cache(_seconds_left, _key(who), free)


def _uncounted_without_cache(ask: Callable[[str, int], int], key: str, free: int) -> int:
    try:
        return ask(key, free)
    except redis.RedisError:
        logger.warning("guesses are not counted: the cache is away")
        return 0


def _must_wait(key: str, free: int) -> int:
    cache = caches["shared"]
    wrong: int = cache.get(f"{key}:wrong", 0)
    if wrong < free:
        return 0
    delay = min(MAX_WAIT_SECONDS, 1 << min(wrong - free, 20))
    if cache.add(f"{key}:gate", time.time() + delay, delay):
        return 0
    return max(1, _until_gate_opens(key))


def _seconds_left(key: str, free: int) -> int:
    return 0 if caches["shared"].get(f"{key}:wrong", 0) < free else _until_gate_opens(key)


def _until_gate_opens(key: str) -> int:
    until: float | None = caches["shared"].get(f"{key}:gate")
    return 0 if until is None else max(1, round(until - time.time()))


def record_failure(*who: str, count: int = 1) -> int:
    """How many there are now; they are forgotten a day after the last one. A count of -1 takes one back."""
    key = f"{_key(who)}:wrong"
    try:
        cache = caches["shared"]
        cache.add(key, 0, TTL_SECONDS)
        wrong = int(cache.incr(key, count))
        cache.touch(key, TTL_SECONDS)
    # ValueError: it ran out between the two.
    except (redis.RedisError, ValueError):
        logger.warning("a wrong guess was not counted")
        return 0
    return wrong


def clear_failures(*who: str) -> None:
    try:
        caches["shared"].delete_many([f"{_key(who)}:wrong", f"{_key(who)}:gate"])
    except redis.RedisError:
        logger.warning("guesses are not forgotten: the cache is away")


def acquire_once(seconds: int, *who: str) -> bool:
    """Whether it is the first in so many seconds; True while the cache is away."""
    try:
        return bool(caches["shared"].add(f"{_key(who)}:once", 1, seconds))
    except redis.RedisError:
        logger.warning("what may happen once is not counted: the cache is away")
        return True


def _key(who: tuple[str, ...]) -> str:
    """Hashed: no addresses of people in the cache."""
    return "guesses:" + hashlib.sha256("\0".join(who).encode(errors="surrogatepass")).hexdigest()
