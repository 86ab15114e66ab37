"""Visits to share links, and their passwords. Visitors' addresses are stored only as keyed hashes."""

import logging

import redis
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.core.cache import caches
from django.utils import timezone
from django.utils.crypto import salted_hmac

from generations.models import ShareLink, ShareVisit
from generations.services.site import audit
from hidream_site.proxies import network_of

# Wrong passwords until further tries are refused unchecked: from one network, and from all together.
MAX_TRIES_PER_NETWORK, MAX_TRIES_OVERALL = 10, 200
TRIES_SECONDS = 600
KEY_SECONDS = 24 * 3600
logger = logging.getLogger(__name__)


class TooManyTries(Exception):
    """The password was not checked, because too many wrong ones were tried."""


def record_visit(*, link: ShareLink, address: str, agent: str) -> None:
    """Record a visit. Link previews of chat programs count too, because they cannot be told apart for certain."""
    today = timezone.now().date().isoformat()
    visitor = _keyed("visitor", f"{today}\n{address}\n{agent}")
    ShareVisit.objects.create(link=link, visitor=visitor)
    audit.log_event("link opened", link=str(link.id), visitor=visitor)


def try_password(*, link: ShareLink, password: str, address: str) -> bool:
    """Return whether the password is right.

    Raises TooManyTries. Tries are counted per link, so that attacks on one link lock out nobody on another, in the
    cache that all processes share; while it is unreachable nothing is counted, as with the login throttle.
    """
    counters = {
        f"share-tries:{link.id}:{_keyed('address', network_of(address))}": MAX_TRIES_PER_NETWORK,
        f"share-tries:{link.id}": MAX_TRIES_OVERALL,
    }
    # Counted before the check, so that of many simultaneous tries no more than the limit are checked. The network's
    # counter comes first, so that tries beyond its limit do not use up the overall one.
    if any(_count(name) > most for name, most in counters.items()):
        raise TooManyTries
    if not check_password(password, link.password):
        audit.log_event("wrong password", link=str(link.id))
        return False
    for name in counters:
        _count(name, -1)
    return True


def new_key(link: ShareLink) -> str:
    """Return the value of the cookie set after the right password: valid for this link and password, for a day."""
    return _signer(link).sign("open")


def is_valid_key(link: ShareLink, key: str) -> bool:
    """Return whether the key was signed for this link and its present password within the last day."""
    try:
        return _signer(link).unsign(key, max_age=KEY_SECONDS) == "open"
    except signing.BadSignature:
        return False


def _signer(link: ShareLink) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"share-link:{link.id}:{link.password}")


def _keyed(purpose: str, text: str) -> str:
    return salted_hmac(f"share-link-{purpose}", text, algorithm="sha256").hexdigest()[:32]


def _count(name: str, step: int = 1) -> int:
    """Add to a counter and return its value, 0 while it cannot be counted."""
    try:
        caches["shared"].add(name, 0, TRIES_SECONDS)
        return int(caches["shared"].incr(name, step))
    except redis.RedisError:
        logger.warning("tries are not counted: the cache is away")
    except ValueError:
        logger.warning("a try was not counted: its counter ran out in this moment")
    return 0
