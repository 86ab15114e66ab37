"""Warning for administrators that the provider's balance is about to run out."""

from django.core.cache import cache

from generations.conf import conf
from generations.models import AdminAlertThrottle
from generations.queries.spending.review import CreditLeft, credit_left

CACHE_SECONDS = 60
# The row exists from the alert to the administrators until the balance lasts longer again.
KIND = "balance-runs-out"


def low_balance() -> CreditLeft | None:
    """Return the balance if the administrators were alerted and it is still low, else None; at most a minute old."""
    known: tuple[CreditLeft | None] | None = cache.get(KIND)
    if known is None:
        known = (_low_balance(),)
        cache.set(KIND, known, CACHE_SECONDS)
    return known[0]


def _low_balance() -> CreditLeft | None:
    if not AdminAlertThrottle.objects.filter(kind=KIND).exists():
        return None
    found = credit_left()
    return found if found is not None and found.lasts_less_than(conf().balance_alert_days) else None
