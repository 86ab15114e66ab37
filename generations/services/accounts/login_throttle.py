"""Login throttle: each wrong password makes the next try wait longer, without locking out the account's owner.

Failures are counted in the cache that all processes share. While the cache is unreachable nothing is counted and every
try is let through, because the site must stay usable without a counter.
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
    """Return the seconds until the next try may be checked, 0 if this one may be.

    After `free` failures each try takes a gate that stays closed for 1, 2, 4 … seconds, at most MAX_WAIT_SECONDS.
    Adding the gate is atomic, so of several tries at the same moment one is checked.
    """
    return _uncounted_without_cache(_must_wait, _key(who), free)


def seconds_left(*who: str, free: int = FREE_FAILURES) -> int:
    """Return the seconds that `seconds_until_retry` would return now, without taking the gate."""
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
    """Add `count` failures and return the total, 0 while the cache is unreachable.

    The total expires a day after the last failure. A count of -1 takes one failure back.
    """
    key = f"{_key(who)}:wrong"
    try:
        cache = caches["shared"]
        cache.add(key, 0, TTL_SECONDS)
        wrong = int(cache.incr(key, count))
        cache.touch(key, TTL_SECONDS)
    # ValueError: the counter expired between add and incr.
    except (redis.RedisError, ValueError):
        logger.warning("a wrong guess was not counted")
        return 0
    return wrong


def clear_failures(*who: str) -> None:
    """Delete the failures and the gate, after a successful try."""
    try:
        caches["shared"].delete_many([f"{_key(who)}:wrong", f"{_key(who)}:gate"])
    except redis.RedisError:
        logger.warning("guesses are not forgotten: the cache is away")


def acquire_once(seconds: int, *who: str) -> bool:
    """Return whether this is the first call in `seconds`; True while the cache is unreachable."""
    try:
        return bool(caches["shared"].add(f"{_key(who)}:once", 1, seconds))
    except redis.RedisError:
        logger.warning("what may happen once is not counted: the cache is away")
        return True


def _key(who: tuple[str, ...]) -> str:
    """Return the cache key, hashed so that the cache holds no email addresses."""
    return "guesses:" + hashlib.sha256("\0".join(who).encode(errors="surrogatepass")).hexdigest()
