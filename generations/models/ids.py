"""UUIDv7 (RFC 9562 §5.7): ids that sort by time of creation, on SQLite as text and on PostgreSQL as bytes."""

import secrets
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Ticks:
    """Milliseconds × 4096, each reading greater than every one before, also when the clock goes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def read(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() * 4096 // 1_000_000)
            return self._last


_ticks = _Ticks()


def uuid7() -> uuid.UUID:
    """Return a new id, greater than every id that this process made before.

    The 12 bits after the version are the fraction of the millisecond (RFC 9562 §6.2, method 3), so the pictures of one
    batch keep their order.
    """
    now = _ticks.read()
    return _compose(now >> 12, now & 0xFFF, secrets.randbits(62))


def parse_uuid(text: str) -> uuid.UUID | None:
    """Return the id in a text from an address or a form; None when it is not one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def uuid7_min(moment: datetime) -> uuid.UUID:
    """Return the smallest id of this moment (to the millisecond): the bound of a filter by date."""
    return _compose(_milliseconds(moment), 0, 0)


def uuid7_at(moment: datetime) -> uuid.UUID:
    """Return an id of a past moment, for content that is entered after the fact."""
    return _compose(_milliseconds(moment), secrets.randbits(12), secrets.randbits(62))


def uuid7_time(value: uuid.UUID) -> datetime:
    """Return when an id was made; aware UTC, to the millisecond."""
    return EPOCH + timedelta(milliseconds=value.int >> 80)


def _milliseconds(moment: datetime) -> int:
    # In whole numbers: a float of seconds is off by a millisecond for moments some centuries away.
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _compose(milliseconds: int, fraction: int, random: int) -> uuid.UUID:
    return uuid.UUID(int=(milliseconds << 80) | (7 << 76) | (fraction << 64) | (0b10 << 62) | random)
