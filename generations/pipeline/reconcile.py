"""Asks the provider what became of doubts. Free; nothing here sends an order.

A call that was accepted under a request id is asked for by that; any other is looked for in the provider's history, by
its seed. Absence proves nothing until the history has had its time, and the balance agrees.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from generations import ledger
from generations.conf import conf
from generations.errors import Forgotten, ProviderError, StillDrawing
from generations.models import Attempt, AttemptState, Generation, State
from generations.pipeline import balance
from generations.pipeline.books import book
from generations.pipeline.claim import move, move_attempt
from generations.pipeline.store import accept, free_connection
from generations.providers.base import Answer, PastCall, Provider
from generations.storage import spool

logger = logging.getLogger(__name__)
AT_ONCE = 50
PATIENCE = 10.0  # seconds for one answer: others wait
# The vendor's history reaches back so far; what is older will not be found there any more.
REACH = timedelta(days=31)
LONGEST_BETWEEN = 3600.0
CLOCKS_DIFFER = timedelta(minutes=5)
DELIVERED_NOT = "The provider drew and charged it, and the picture was not delivered."
NOT_DRAWN = "The provider did not draw the last try, and did not charge it."


def reconcile(provider: Provider) -> int:
    """Settle what can be settled of the doubts whose turn it is; how many of them were."""
    return ask(_due(), provider)


def _due() -> Sequence[Attempt]:
    """The doubts whose turn it is. What was booked with the provider's own figure is no doubt any more."""
    open_ones = Q(cost=None) | Q(cost_estimated=True)
    recent = Attempt.objects.filter(open_ones, state=AttemptState.UNKNOWN, sent_at__gt=Now() - REACH)
    rows = recent.filter(Q(ask_at=None) | Q(ask_at__lte=Now())).select_related("generation")
    return list(rows.order_by("id")[:AT_ONCE])


def _ask_later(doubts: Sequence[Attempt]) -> None:
    """At growing intervals, up to an hour."""
    for doubt in doubts:
        seconds = min(LONGEST_BETWEEN, conf().probe_seconds * 2 ** min(doubt.asks, 10))
        later = Now() + timedelta(seconds=seconds)
        Attempt.objects.filter(id=doubt.id).update(asks=F("asks") + 1, asked_at=Now(), ask_at=later)


def ask(doubts: Sequence[Attempt], provider: Provider) -> int:
    """The same for these, now. One that cannot be settled does not keep the others waiting."""
    _ask_later(doubts)
    left = [doubt for doubt in doubts if not _by_request_id(doubt, provider)]
    settled = len(doubts) - len(left)
    return settled + (_by_history(left, provider) if left else 0)


def _by_request_id(doubt: Attempt, provider: Provider) -> bool:
    if not doubt.request_id:
        return False
    free_connection()
    try:
        answer = provider.resume(doubt.request_id, PATIENCE)
    except (StillDrawing, Forgotten) as error:
        logger.info("attempt %s: %s", doubt.id, error.message)
        return False
    except ProviderError as error:
        if error.maybe_charged or error.retryable:
            return False
        _not_billed(doubt, f"{error.message} It said: “{error.reason}”" if error.reason else error.message, again=False)
        return True
    return _stored(doubt, answer, provider)


def _stored(doubt: Attempt, answer: Answer, provider: Provider) -> bool:
    try:
        spool.write(doubt.id, answer)
    except OSError:
        logger.exception("the answer to attempt %s was found, and the spool could not take it", doubt.id)
        return False
    accept(doubt.id, answer, provider)
    return True


def _by_history(doubts: Sequence[Attempt], provider: Provider) -> int:
    sent = [doubt.sent_at for doubt in doubts if doubt.sent_at]
    try:
        rows = provider.past(min(sent) - CLOCKS_DIFFER, timezone.now() + CLOCKS_DIFFER) if sent else []
    except ProviderError as error:
        logger.warning("the provider's history cannot be read: %s", error.reason or error.message)
        return 0
    return sum(_settle(doubt, _found(doubt, rows), provider) for doubt in doubts)


def _found(doubt: Attempt, rows: Sequence[PastCall]) -> PastCall | None:
    """The one row that is this attempt's, None also when more than one may be: then nobody can tell."""
    if doubt.request_id and (same := [row for row in rows if row.request_id == doubt.request_id]):
        return same[0]
    if doubt.seed is None or _shares_seed(doubt):
        return None
    same = [row for row in rows if row.seed == doubt.seed and _at_the_time(doubt, row)]
    return same[0] if len(same) == 1 else None


def _shares_seed(doubt: Attempt) -> bool:
    """A seed that a person chose may have been sent with other orders as well."""
    others = Attempt.objects.exclude(id=doubt.id).filter(seed=doubt.seed, sent_at__isnull=False)
    near = others.filter(sent_at__range=(doubt.sent_at - REACH, doubt.sent_at + REACH)) if doubt.sent_at else others
    return near.exists()


def _at_the_time(doubt: Attempt, row: PastCall) -> bool:
    """Not before it was sent, as far as the two clocks can be compared."""
    return row.at is None or doubt.sent_at is None or row.at >= doubt.sent_at - CLOCKS_DIFFER


def _settle(doubt: Attempt, row: PastCall | None, provider: Provider) -> bool:
    if row is None:
        return _absent(doubt)
    if not row.finished:
        return False
    if row.failed:
        _not_billed(doubt, NOT_DRAWN, again=True)
        return True
    if row.request_id and doubt.request_id != row.request_id:
        Attempt.objects.filter(id=doubt.id).update(request_id=row.request_id)
    if _fetched(doubt, row, provider):
        return True
    if row.cost is None:
        return False
    _billed(doubt, row.cost)
    return True


def _fetched(doubt: Attempt, row: PastCall, provider: Provider) -> bool:
    """The picture, where the provider still has it."""
    try:
        answer = provider.resume(row.request_id, PATIENCE)
    except ProviderError:
        return False
    return _stored(doubt, answer, provider)


def _billed(doubt: Attempt, cost: Decimal) -> None:
    with transaction.atomic():
        book(doubt, cost, estimated=False, mend=True, note="from the provider's history")
        Attempt.objects.filter(id=doubt.id, state=AttemptState.UNKNOWN).update(reason=DELIVERED_NOT)
        Generation.objects.filter(id=doubt.generation_id, state=State.UNKNOWN).update(reason=DELIVERED_NOT)


def _absent(doubt: Attempt) -> bool:
    """No row after the history's own delay, and no money missing: then it was not drawn."""
    lag = timedelta(seconds=conf().history_lag)
    early = doubt.sent_at is None or timezone.now() - doubt.sent_at < lag
    if early or doubt.seed is None or _shares_seed(doubt) or not balance.explains_without(doubt):
        return False
    _not_billed(doubt, NOT_DRAWN, again=True)
    return True


@transaction.atomic
def _not_billed(doubt: Attempt, sentence: str, *, again: bool) -> None:
    """Certain now. `again` puts the order back in the line with the hold it has, unless something has happened to it
    since: another try, the trash, a person who gave it up as lost.
    """
    if not move_attempt(doubt.id, [AttemptState.UNKNOWN], AttemptState.NOT_BILLED, finished_at=Now(), reason=sentence):
        return
    if doubt.cost is not None:
        book(doubt, Decimal(0), estimated=False, mend=True, note="the provider did not charge it")
        return
    generation = Generation.objects.select_for_update().get(id=doubt.generation_id)
    latest = generation.holds == doubt.hold
    back: dict[str, Any] = {
        "finished_at": None,
        "available_at": Now(),
        "enqueued_at": None,
        "reason": sentence,
        "tries": 0,
    }
    if (
        again
        and latest
        and generation.deleted_at is None
        and move(generation.id, State.UNKNOWN, State.QUEUED, reason=sentence, **back)
    ):
        return
    if latest:
        move(generation.id, State.UNKNOWN, State.FAILED, reason=sentence, finished_at=Now())
    ledger.release(generation.id, doubt.hold)
