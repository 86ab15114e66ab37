"""One reconciliation run, stored, and the alert about differences that stay unexplained beyond the provider's delay."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.errors import ProviderError
from generations.models import HISTORY_RETENTION, BalanceReading, Reconciliation, User, Verdict, uuid7_min
from generations.pipeline.admin_alerts import alert_admins_throttled
from generations.pipeline.balance_readings import TOLERANCE
from generations.pipeline.reconciliation.balance.discrepancies import discrepancies
from generations.pipeline.reconciliation.balance.figures import (
    ReconciliationFigures,
    figures,
    named_between,
    verdict_of,
    within,
)
from generations.pipeline.reconciliation.balance.matching import match, sent_around
from generations.pipeline.worker.store import free_connection
from generations.providers.base import PastCall, Provider

logger = logging.getLogger(__name__)
HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
# For pages that were opened before the next run; after that the evidence is in a later run, or is explained.
REPORTS_KEPT = timedelta(days=2)
# Readings are a little more frequent than hourly.
MAX_READINGS = 2000
# One request to the history covers this much; a busy site has many pages of history for each day.
MAX_SPAN = timedelta(days=2)
MAX_ERROR_LENGTH = 500


def check_hourly(provider: Provider) -> Reconciliation | None:
    """Reconcile the stored readings; None when the last run is less than an hour old or there are too few readings."""
    if Reconciliation.objects.filter(checked_at__gt=timezone.now() - HOUR).exists():
        return None
    return compare(provider)


def check(provider: Provider, *, days: int = 1, by: User | None = None) -> Reconciliation | None:
    """Read the balance now and reconcile; None after the first reading ever. Raises ProviderError when it fails."""
    free_connection()
    now = provider.balance()
    BalanceReading.objects.create(credits=now.credits, free_credits=now.free_credits)
    return compare(provider, days=days, by=by)


def compare(provider: Provider, *, days: int = 1, by: User | None = None) -> Reconciliation | None:
    """Reconcile from the first reading of the last `days` days to the latest one, and store the run.

    Starts earlier if the last run has an unexplained difference, so that time does not make it disappear. Returns None
    with fewer than two readings.
    """
    readings = _readings(days)
    if len(readings) < 2:
        return None
    since, until = readings[0].read_at, readings[-1].read_at
    rows, trouble = _past(provider, since, until)
    attempts = sent_around(since, until)
    matched = None if rows is None else match(rows, attempts, since, until)
    now = figures(readings[0], readings[-1], matched, attempts)
    earlier = [one for one in readings[1:] if one.read_at <= timezone.now() - timedelta(seconds=conf().history_lag)]
    settled = figures(readings[0], earlier[-1], matched, attempts) if earlier else None
    run = Reconciliation.objects.create(
        since=since, until=until, by=by, booked=now.booked, balance_decrease=now.balance_decrease,
        history=now.history, history_rows=now.rows, history_error=trouble, unknown_count=now.unknown_count,
        unknown_amount=now.unknown_amount, in_flight=now.in_flight, tolerance=TOLERANCE,
        unexplained=now.unexplained, unexplained_history=now.unexplained_history, verdict=verdict_of(now, settled),
        discrepancies=[one.document() for one in discrepancies(readings, matched, attempts)],
    )  # fmt: skip
    run.refresh_from_db()
    old = Reconciliation.objects.filter(id__lt=uuid7_min(timezone.now() - REPORTS_KEPT))
    old.exclude(discrepancies=[]).update(discrepancies=[])
    if run.verdict == Verdict.DIFFERS and settled:
        _alert(run, settled)
    return run


def standing(run: Reconciliation) -> tuple[Decimal, Decimal, Verdict]:
    """Return what is unexplained now of the balance and of the history, and the verdict that follows.

    Differences that were explained after the run are subtracted.
    """
    named, listed = named_between(run.since, run.until)
    unnamed, unlisted = run.difference - named, run.beyond - (listed if run.history is not None else 0)
    if within(unnamed, run.in_flight) and within(unlisted, run.in_flight):
        return unnamed, unlisted, Verdict.AGREES
    return unnamed, unlisted, Verdict.WAITS if run.verdict == Verdict.WAITS else Verdict.DIFFERS


def _readings(days: int) -> list[BalanceReading]:
    since = timezone.now() - days * A_DAY - HOUR
    last = Reconciliation.objects.of_this_provider("since").first()
    if last and last.since > timezone.now() - HISTORY_RETENTION and standing(last)[2] != Verdict.AGREES:
        since = min(since, last.since)
    # The latest first, so that the limit drops the oldest.
    known = BalanceReading.objects.of_this_provider("read_at")
    rows = known.filter(read_at__gte=since).order_by("-read_at", "-id")[:MAX_READINGS]
    return list(reversed(rows))


def _past(provider: Provider, since: datetime, until: datetime) -> tuple[list[PastCall] | None, str]:
    """Return the history of that time, with some rows around it; None and the reason when it cannot be read."""
    free_connection()
    kept: dict[object, PastCall] = {}
    try:
        for first, last in _parts(since, until):
            kept |= {row.request_id or row: row for row in provider.past(first, last)}
    except ProviderError as error:
        trouble = error.cause
        logger.warning("the provider's history cannot be read: %s", trouble)
        return None, trouble[:MAX_ERROR_LENGTH]
    return list(kept.values()), ""


def _parts(since: datetime, until: datetime) -> Iterable[tuple[datetime, datetime]]:
    while since < until:
        yield since, min(until, since + MAX_SPAN)
        since += MAX_SPAN


def _alert(run: Reconciliation, settled: ReconciliationFigures) -> None:
    """Notify the administrators, once for each difference.

    Later runs begin at the same reading until it is explained, so the same amount is the same difference.
    """
    of_balance = not within(settled.unexplained, settled.in_flight)
    amount = settled.unexplained if of_balance else settled.unexplained_history
    told = Reconciliation.objects.filter(since=run.since, alerted__isnull=False)
    if any(within(one - amount) for one in told.values_list("alerted", flat=True) if one is not None):
        return
    theirs = settled.balance_decrease if of_balance else settled.history or 0
    if not of_balance:
        what = _("Since %(since)s UTC, the provider's history lists $%(theirs)s, but this site has booked $%(ours)s.")
    elif theirs >= 0:
        what = _("Since %(since)s UTC, the provider's balance fell by $%(theirs)s, but this site has booked $%(ours)s.")
    else:
        what = _("Since %(since)s UTC, the provider's balance rose by $%(theirs)s, but this site has booked $%(ours)s.")
    what %= {"since": f"{run.since:%Y-%m-%d %H:%M}", "theirs": f"{abs(theirs):.4f}", "ours": f"{settled.booked:.4f}"}
    left = _(
        "$%(amount)s is still unexplained after the provider's delay of %(hours)s hours. /provider/ shows possible"
        " causes; explain the difference there. You'll get this alert once."
    ) % {"amount": f"{abs(amount):.4f}", "hours": f"{conf().history_lag / 3600:g}"}
    text = f"{what} {left}"
    if alert_admins_throttled("provider differs", _("The provider's figures differ from the ledger"), text):
        Reconciliation.objects.filter(id=run.id).update(alerted=amount)
        run.alerted = amount
