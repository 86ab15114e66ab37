"""What an attempt cost, written in three places at once: the attempt, its generation, and the ledger."""

import logging
import uuid
from datetime import timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from generations import ledger
from generations.models import (
    Attempt,
    AttemptState,
    CostSource,
    EntryType,
    Generation,
    LedgerEntry,
    State,
    Total,
    User,
    uuid7_min,
)
from generations.pipeline.admin_alerts import alert_admins_throttled

logger = logging.getLogger(__name__)
CATCH_UP_AFTER = timedelta(days=2)
# A price this many times the estimate is booked as the provider told it, and shown to the administrators.
UNUSUAL_FACTOR = 10
ENDED = [State.DONE, State.FAILED, State.CANCELLED]


@transaction.atomic
def record_charge(
    attempt: Attempt, cost: Decimal, *, estimated: bool, source: CostSource | None = None,
    actor: User | None = None, note: str = "", mend: bool = False,
) -> None:  # fmt: skip
    """Charge an attempt and give its hold back. `mend` corrects what was booked before, by an adjustment. `source` is
    who said so.

    May be called again for the same attempt: without `mend`, a second figure is not booked.
    """
    attempt = Attempt.objects.select_for_update(of=["self"]).select_related("generation").get(id=attempt.pk)
    if not ledger.charge(attempt, cost, estimated=estimated, actor=actor, note=note):
        if not mend:
            return
        ledger.adjust(attempt, cost, estimated=estimated, actor=actor, note=note)
    ledger.release(attempt.generation_id, attempt.hold, actor=actor)
    Attempt.objects.filter(id=attempt.id).update(cost=cost, cost_estimated=estimated, cost_source=source or "")
    _sum_up(attempt.generation_id)
    if not estimated and is_unusual(cost, attempt.estimate):
        transaction.on_commit(partial(_alert_about_cost, attempt, cost))


def is_unusual(cost: Decimal, estimate: Decimal) -> bool:
    """Return whether a price is more than ten times what was expected."""
    return cost > UNUSUAL_FACTOR * estimate > 0


def _alert_about_cost(attempt: Attempt, cost: Decimal) -> None:
    text = (
        f"The provider charged ${cost:.4f} for attempt {attempt.id}; about ${attempt.estimate:.4f} was expected. It is "
        "booked as charged. Check the provider's own pages; /provider/ lists every such charge."
    )
    alert_admins_throttled("unusual cost", "A picture cost more than ten times the estimate", text)


def _sum_up(generation_id: uuid.UUID) -> None:
    """The generation's cost is the sum over its attempts, an estimate when one of them is.

    Locked, since two of its attempts may be booked at once, and neither sees the other's row before it is committed.
    """
    Generation.objects.select_for_update().get(id=generation_id)
    paid = Attempt.objects.filter(generation=generation_id, cost__isnull=False)
    Generation.objects.filter(id=generation_id).update(
        cost=paid.aggregate(total=Total("cost"))["total"], cost_estimated=paid.filter(cost_estimated=True).exists()
    )


def record_missing_charges() -> int:
    """Book what workers and web servers of an older release did while this one was put in place; how many rows.

    They know nothing of the ledger: what they paid for is not charged, and what they ended keeps its hold.
    """
    since = uuid7_min(timezone.now() - CATCH_UP_AFTER)
    unbooked = _unbooked(since)
    for attempt in unbooked:
        logger.warning("attempt %s was paid for and not in the ledger; it is now", attempt.id)
        record_charge(attempt, attempt.cost or Decimal(0), estimated=attempt.cost_estimated, source=None)
    still_held = _still_held(since)
    for generation in still_held:
        logger.warning("picture %s has ended and was not given its hold back; it is now", generation.id)
        for number in range(1, generation.holds + 1):
            ledger.release(generation.id, number)
    return len(unbooked) + len(still_held)


def _unbooked(since: uuid.UUID) -> list[Attempt]:
    charged = LedgerEntry.objects.filter(attempt=OuterRef("pk"), kind=EntryType.CHARGE)
    return list(Attempt.objects.filter(~Exists(charged), id__gte=since, cost__isnull=False))


def _still_held(since: uuid.UUID) -> list[Generation]:
    """Pictures that have ended with more holds than releases, although none of their attempts is in doubt."""
    doubts = Attempt.objects.filter(generation=OuterRef("pk"), state=AttemptState.UNKNOWN)
    ended = Generation.objects.filter(~Exists(doubts), id__gte=since, state__in=ENDED)
    placed, returned = (Count("ledger", filter=Q(ledger__kind=kind)) for kind in (EntryType.HOLD, EntryType.RELEASE))
    return list(ended.annotate(open=placed - returned).filter(open__gt=0))
