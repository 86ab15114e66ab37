"""What an attempt cost, written in three places at once: the attempt, its generation, and the ledger."""

import logging
import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from generations import ledger
from generations.models import Attempt, Generation, Kind, LedgerEntry, User, first_id_at

logger = logging.getLogger(__name__)
FORGOTTEN = timedelta(days=2)


@transaction.atomic
def book(
    attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str = "", mend: bool = False
) -> None:
    """Charge an attempt and give its hold back. `mend` corrects what was booked before, by an adjustment.

    May be called again for the same attempt: without `mend`, a second figure is not booked.
    """
    attempt = Attempt.objects.select_for_update(of=["self"]).select_related("generation").get(id=attempt.pk)
    if not ledger.charge(attempt, cost, estimated=estimated, actor=actor, note=note):
        if not mend:
            return
        ledger.adjust(attempt, cost, estimated=estimated, actor=actor, note=note)
    ledger.release(attempt.generation_id, attempt.hold, actor=actor)
    Attempt.objects.filter(id=attempt.id).update(cost=cost, cost_estimated=estimated)
    _sum_up(attempt.generation_id)


def _sum_up(generation_id: uuid.UUID) -> None:
    """The generation's cost is the sum over its attempts, an estimate when one of them is."""
    paid = Attempt.objects.filter(generation=generation_id, cost__isnull=False)
    Generation.objects.filter(id=generation_id).update(
        cost=paid.aggregate(total=Sum("cost"))["total"], cost_estimated=paid.filter(cost_estimated=True).exists()
    )


def catch_up() -> int:
    """Book what was recorded without the ledger, by a worker of an older release while this one was put in place."""
    charged = LedgerEntry.objects.filter(attempt=OuterRef("pk"), kind=Kind.CHARGE)
    recent = Attempt.objects.filter(id__gte=first_id_at(timezone.now() - FORGOTTEN), cost__isnull=False)
    missing = list(recent.exclude(Exists(charged)))
    for attempt in missing:
        logger.warning("attempt %s was paid for and not in the ledger; it is now", attempt.id)
        book(attempt, attempt.cost or Decimal(0), estimated=attempt.cost_estimated)
    return len(missing)
