"""What the sweeper does in its background lanes. A job that failed is tried again by a later round."""

import logging
import time
from datetime import datetime

from django.utils import timezone

from generations.conf import conf
from generations.management.sweeper.lanes import map_in_threads
from generations.pipeline.circuit_breaker import probes
from generations.pipeline.reconciliation import estimates, first_pictures, lookup
from generations.pipeline.reconciliation.balance.check import check_hourly
from generations.pipeline.recovery import recover
from generations.providers.base import Provider
from generations.services.activity import digests
from generations.services.provider import balance_alerts
from generations.services.site import rate_limits
from generations.services.spending import limit_alerts, report_emails

logger = logging.getLogger(__name__)
HOUR, MINUTE = 3600.0, 60.0


def store_answers(provider: Provider) -> None:
    """Store the paid answers that are left in the spool."""
    if count := recover.store_orphaned_answers(provider, map_in_threads):
        logger.info("worked on %d answers in the spool", count)


def settle_unknown_outcomes(provider: Provider) -> None:
    """Ask the provider about attempts whose outcome is unknown, and correct estimated costs."""
    if count := lookup.resolve_unknown_attempts(provider, map_in_threads):
        logger.info("settled %d unknown outcomes", count)
    if count := estimates.correct_estimates(provider):
        logger.info("corrected %d estimates", count)


def reconcile_balance(provider: Provider) -> None:
    """Compare the readings of the balance with the ledger, once an hour."""
    if run := check_hourly(provider):
        logger.info("the provider's figures were compared: %s", run.verdict)


class BalanceReader:
    """Reads the balance once an hour; a provider that does not answer is asked no more often than during a pause."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def read(self, provider: Provider) -> None:
        if time.monotonic() >= self._next_at and not probes.read_hourly(provider):
            self._next_at = time.monotonic() + conf().probe_seconds


def look_after_pauses(provider: Provider, balance: BalanceReader) -> None:
    """Probe a provider that is paused, and read its balance when it is due, or after a first picture."""
    probes.probe_open_pauses(provider)
    balance.read(provider)
    if count := first_pictures.read_balances_after(provider):
        logger.info("read the balance after %d first pictures", count)


class HourlyEmails:
    """Sends what is mailed once an hour; due until every email of a round was sent."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def send(self) -> None:
        if time.monotonic() < self._next_at:
            return
        if balance_alerts.check_balance():
            logger.info("alerted the administrators how long the balance lasts")
        if count := digests.send_due():
            logger.info("sent %d digests", count)
        if count := report_emails.send_due():
            logger.info("sent %d emails about spending", count)
        self._next_at = time.monotonic() + HOUR


class LimitMonitor:
    """Alerts about limits once a minute, and sends the emails that are due.

    It looks at the teams whose ledger has moved since its last complete look, and once an hour at all of them.
    """

    def __init__(self) -> None:
        self._next_at = self._next_full_at = 0.0
        self._since: datetime | None = None

    def check(self) -> None:
        started_at, now = timezone.now(), time.monotonic()
        if now < self._next_at:
            return
        rate_limits.alert_about_many_emails()
        is_full = now >= self._next_full_at
        if count := limit_alerts.check_limits(None if is_full else self._since):
            logger.info("alerted about %d limits", count)
        if count := limit_alerts.send_due():
            logger.info("sent %d emails about limits", count)
        self._since, self._next_at = started_at, now + MINUTE
        self._next_full_at = now + HOUR if is_full else self._next_full_at
