"""Probes of open pauses by the sweeper, with free requests, and readings of the provider's balance."""

import logging
from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import KeyRejected, ProviderError
from generations.models import BalanceReading, PauseCause, ProviderPause
from generations.pipeline.circuit_breaker import pauses
from generations.providers.base import Balance, Provider
from generations.storage import files

logger = logging.getLogger(__name__)
HOUR = timedelta(hours=1)
# A factor on the required free space: at the threshold itself the pause would open and close again and again.
ROOM_AGAIN = 1.25


def probe_open_pauses(provider: Provider) -> None:
    """End the pauses that are over. One balance query serves all pauses that need it."""
    if not files.is_full(margin=ROOM_AGAIN):
        pauses.end(_("The disk has free space again."), cause=PauseCause.DISK)
    wanting = ProviderPause.objects.filter(
        ended_at=None, cause__in=[PauseCause.CREDITS, PauseCause.KEY], probe_at__lte=Now()
    )
    if ids := list(wanting.values_list("id", flat=True)):
        ProviderPause.objects.filter(id__in=ids).update(probe_at=Now() + timedelta(seconds=conf().probe_seconds))
        _ask(provider)


def _ask(provider: Provider) -> None:
    try:
        total = read_balance(provider).total
    except KeyRejected as error:
        logger.warning("the key is still not accepted: %s", error.reason)
        return
    except ProviderError as error:
        logger.warning("the balance cannot be read: %s", error.cause)
        return
    ProviderPause.objects.filter(ended_at=None, cause=PauseCause.CREDITS).update(balance=total)
    # A call may be refused although the balance suffices, and the next one would be too, so only older pauses end.
    a_while_ago = Now() - timedelta(seconds=conf().probe_seconds)
    pauses.end(_("The API key is accepted again."), cause=PauseCause.KEY, started_at__lte=a_while_ago)
    sentence = _("The account has $%(amount)s.") % {"amount": f"{total:.4f}"}
    pauses.end(sentence, cause=PauseCause.CREDITS, started_at__lte=a_while_ago, needed__lte=total)


def read_balance(provider: Provider) -> Balance:
    """Return the account's balance, stored as a reading unless it equals the last one. Raises ProviderError."""
    balance = provider.balance()
    last = BalanceReading.objects.of_this_provider("read_at").first()
    if last is None or (last.credits, last.free_credits) != (balance.credits, balance.free_credits):
        BalanceReading.objects.create(credits=balance.credits, free_credits=balance.free_credits)
    return balance


def read_hourly(provider: Provider) -> bool:
    """Store one reading an hour to compare the ledger with; return False when it could not be read."""
    try:
        return read_since(provider, timezone.now() - HOUR)
    except ProviderError as error:
        logger.info("the balance cannot be read now: %s", error.cause)
        return False


def read_since(provider: Provider, moment: datetime) -> bool:
    """Store a reading of now, even one equal to the last, unless a reading from after this moment exists.

    Returns True. Raises ProviderError.
    """
    if not BalanceReading.objects.of_this_provider("read_at").filter(read_at__gt=moment).exists():
        balance = provider.balance()
        BalanceReading.objects.create(credits=balance.credits, free_credits=balance.free_credits)
    return True
