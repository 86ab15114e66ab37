"""Distinction of account-wide errors from errors that a single request's parameters cause.

The provider's error text may repeat the prompt, which may mention credits and limits, so the text alone proves nothing.
"""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy

from generations.conf import conf
from generations.errors import OutOfCredits, ProviderError, Refused, SpendLimit
from generations.models import Attempt, AttemptState, Total, uuid7_min
from generations.pipeline.balance_readings import CLOCKS_DIFFER
from generations.pipeline.circuit_breaker.probes import read_balance
from generations.pipeline.worker.claim import Claim
from generations.pipeline.worker.store import free_connection
from generations.providers.base import Provider

THIS_REQUEST_ONLY = gettext_lazy(
    "The provider keeps rejecting this request but accepts others. Change the settings and try again."
)


def reclassify_error(claim: Claim, error: ProviderError, provider: Provider) -> ProviderError:
    """Return Refused for a repeated "out of credits" when the account has credits, else the error itself.

    Otherwise one bad request would keep the global pause open for ever.
    """
    if not isinstance(error, OutOfCredits):
        return error
    same = Q(state=AttemptState.NOT_BILLED, http_status=error.status, reason__startswith=error.message)
    earlier = Attempt.objects.filter(same, generation=claim.generation_id).order_by("-number").first()
    if earlier is None:
        return error
    alone = _others_are_taken(earlier, same) if isinstance(error, SpendLimit) else _account_covers(provider)
    if not alone:
        return error
    return Refused(THIS_REQUEST_ONLY, status=error.status, reason=error.reason, request_id=error.request_id)


def _others_are_taken(earlier: Attempt, same: Q) -> bool:
    """Return whether the latest other request that reached the same check was accepted.

    No balance shows a spend limit that is set at the provider.
    """
    others = Attempt.objects.filter(id__gt=earlier.id, sent_at__gt=earlier.finished_at)
    told = others.exclude(generation=earlier.generation_id).filter(same | Q(answered_at__isnull=False))
    last = told.order_by("-id").first()
    return last is not None and last.answered_at is not None


def _account_covers(provider: Provider) -> bool:
    """Return whether the balance covers all running calls, since the provider reserves money for them."""
    began = uuid7_min(timezone.now() - timedelta(seconds=conf().lease_seconds) - CLOCKS_DIFFER)
    running = Attempt.objects.filter(id__gte=began, state__in=[AttemptState.SENT, AttemptState.UNKNOWN])
    needed: Decimal = running.aggregate(total=Total("estimate"))["total"]
    free_connection()
    try:
        return read_balance(provider).total >= needed
    except ProviderError:
        return False
