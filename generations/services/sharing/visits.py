"""What a visitor of a share link does: come, and say the password. No address of a visitor is kept."""

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

# Wrong passwords before the next one is not even looked at: from one network, and from all together.
MAX_TRIES_PER_NETWORK, MAX_TRIES_OVERALL = 10, 200
TRIES_SECONDS = 600
KEY_SECONDS = 24 * 3600
logger = logging.getLogger(__name__)


class TooManyTries(Exception):
    """Whether this password is right is not looked at."""


def record_visit(*, link: ShareLink, address: str, agent: str) -> None:
    """Programs that fetch a preview for a chat are visitors too; they cannot be told apart for certain."""
    today = timezone.now().date().isoformat()
    visitor = _keyed("visitor", f"{today}\n{address}\n{agent}")
    ShareVisit.objects.create(link=link, visitor=visitor)
    audit.log_event("link opened", link=str(link.id), visitor=visitor)


def try_password(*, link: ShareLink, password: str, address: str) -> bool:
    """Raises TooManyTries. Tries are counted per link, so that nobody is shut out by what happens to another, and in
    the cache that all processes share; without it everybody is let through, as when signing in.
    """
    counters = {
        f"share-tries:{link.id}:{_keyed('address', network_of(address))}": MAX_TRIES_PER_NETWORK,
        f"share-tries:{link.id}": MAX_TRIES_OVERALL,
    }
    # Counted first: of many tries that arrive together, no more than the limit are looked at. One's own come first:
    # those beyond the limit use up nothing of everybody's.
    if any(_count(name) > most for name, most in counters.items()):
        raise TooManyTries
    if not check_password(password, link.password):
        audit.log_event("wrong password", link=str(link.id))
        return False
    for name in counters:
        _count(name, -1)
    return True


def new_key(link: ShareLink) -> str:
    """What a browser keeps after the right password: good for this link and this password, for a day."""
    return _signer(link).sign("open")


def is_valid_key(link: ShareLink, key: str) -> bool:
    try:
        return _signer(link).unsign(key, max_age=KEY_SECONDS) == "open"
    except signing.BadSignature:
        return False


def _signer(link: ShareLink) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"share-link:{link.id}:{link.password}")


def _keyed(purpose: str, text: str) -> str:
    return salted_hmac(f"share-link-{purpose}", text, algorithm="sha256").hexdigest()[:32]


def _count(name: str, step: int = 1) -> int:
    """How many there are now."""
    try:
        caches["shared"].add(name, 0, TRIES_SECONDS)
        return int(caches["shared"].incr(name, step))
    except redis.RedisError:
        logger.warning("tries are not counted: the cache is away")
    except ValueError:
        logger.warning("a try was not counted: its counter ran out in this moment")
    return 0
