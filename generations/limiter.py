"""The provider account's limit of requests a minute, shared by every process through Redis.

GCRA, a leaky bucket that is stored as one moment: a script moves it by Redis's own clock, so workers whose clocks
differ agree. Without Redis every request is allowed: the provider's own 429 still limits them, and stopping the site
for a counter would be worse.
"""

import hashlib
import logging
import math
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from generations.conf import conf

# The part of the plan to use: after a loss of data Redis starts with a full bucket, and other programs may use the key.
SHARE = 0.9
# With this part at once after a quiet time, the first minute has what the plan allows, and no more.
BURST = 0.1
MAX_BLOCK = timedelta(minutes=10)
UNLIMITED = 1_000_000
# Together they take at most one second. A busy Redis sometimes needs half of one, which is no outage.
CONNECT_SECONDS = 0.25
ANSWER_SECONDS = 0.75
AWAY_SECONDS = 3.0
COMPLAIN_EVERY = 60.0
MICROSECONDS = 1_000_000
logger = logging.getLogger(__name__)

# KEYS: the moment up to which requests are reserved; the end of a block. All times are whole microseconds.
# ARGV: the gap between two requests (0: no limit), the burst, 1 to take a token, a block to set, the longest block.
# Moments further ahead than possible are cut, because a clock that was set back must not stop everything.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local gap, burst, take = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local longest = tonumber(ARGV[5])
local blocked = math.min(tonumber(redis.call('GET', KEYS[2]) or '0') - now, longest)
local asked = math.min(tonumber(ARGV[4]), longest)
if asked > math.max(blocked, 0) then
  blocked = asked
  redis.call('SET', KEYS[2], string.format('%.0f', now + asked), 'PX', math.ceil(asked / 1000))
end
blocked = math.max(blocked, 0)
local ahead = math.max(math.min(tonumber(redis.call('GET', KEYS[1]) or '0') - now, burst * gap), 0)
local wait = math.max(blocked, ahead - (burst - 1) * gap, 0)
if take and wait == 0 and gap > 0 then
  ahead = ahead + gap
  redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000) + 1)
end
return {wait, ahead, blocked}
"""


@dataclass(frozen=True)
class _Rate:
    gap: int  # microseconds from one request to the next
    burst: int  # requests that may come at once after a quiet time


@dataclass(frozen=True)
class _Reading:
    """Microseconds: until the next request is allowed, how far ahead requests are reserved, until the block ends."""

    wait: int = 0
    ahead: int = 0
    blocked: int = 0


class _Redis:
    """One connection pool for a process. A server that does not answer is not used for some seconds."""

    def __init__(self, url: str) -> None:
        # One immediate retry on a connection that turns out to be dead, none after a time-out.
        retry = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
        self._client = redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS, retry=retry
        )
        self._script = self._client.register_script(SCRIPT)
        self._lock = threading.Lock()
        self._away_until = self._quiet_until = -math.inf

    def read(self, keys: list[str], rate: _Rate, *, take: bool, block: int) -> _Reading | None:
        """Return the limiter's state after this request; None when Redis does not answer."""
        if time.monotonic() < self._away_until:
            return None
        longest = _microseconds(MAX_BLOCK)
        try:
            return _Reading(*self._script(keys, [rate.gap, rate.burst, int(take), block, longest]))
        except redis.RedisError as error:
            self._note(error)
            return None

    def _note(self, error: redis.RedisError) -> None:
        now = time.monotonic()
        with self._lock:
            self._away_until = now + AWAY_SECONDS
            complain = now >= self._quiet_until
            if complain:
                self._quiet_until = now + COMPLAIN_EVERY
        if complain:
            logger.warning("the rate limiter does without Redis (%s); only the provider limits now", error)


def take() -> float:
    """Take a token; return the seconds to wait, or 0.0 when it is granted."""
    reading = _ask(take=True) or _Reading()
    return reading.wait / MICROSECONDS


def room() -> int:
    """Return how many requests would be allowed now; takes no token."""
    reading, rate = _ask() or _Reading(), _rate(conf().requests_per_minute)
    if reading.blocked:
        return 0
    return rate.burst - math.ceil(reading.ahead / rate.gap) if rate.gap else UNLIMITED


def block(until: datetime) -> None:
    """Allow nothing before `until`, at most ten minutes ahead; never shortens an existing block."""
    _ask(block=max(0, _microseconds(until - datetime.now(UTC))))


def answers() -> bool:
    """Return whether Redis answers; a server that did not is asked again after some seconds."""
    return _ask() is not None


def _ask(*, take: bool = False, block: int = 0) -> _Reading | None:
    settings = conf()
    rate = _rate(settings.requests_per_minute)
    keys = _keys(settings.base_url, settings.api_key)
    return _redis(settings.redis_url, os.getpid()).read(keys, rate, take=take, block=block)


@cache
def _redis(url: str, process: int) -> _Redis:
    """Return the client of this process, because a connection from before a fork must not be used on both sides."""
    return _Redis(url)


@cache
def _rate(requests_per_minute: int) -> _Rate:
    a_minute = SHARE * requests_per_minute
    gap = math.ceil(60 * MICROSECONDS / a_minute) if a_minute else 0
    return _Rate(gap, max(1, math.ceil(BURST * a_minute)))


@cache
def _keys(base_url: str, api_key: str) -> list[str]:
    """Return the keys, named by a hash of the account; the braces keep both on one node of a cluster."""
    account = hashlib.sha256(f"{base_url}\n{api_key}".encode()).hexdigest()[:32]
    return [f"limiter:{{{account}}}:{name}" for name in ("spoken_for", "blocked")]


def _microseconds(distance: timedelta) -> int:
    return distance // timedelta(microseconds=1)
