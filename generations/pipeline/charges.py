"""Posting of what an attempt cost: on the attempt, on its generation and in the ledger, in one transaction."""

import logging
import uuid
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from generations import ledger
from generations.models import (
    Attempt,
    CostSource,
    Generation,
    Total,
    User,
)
from generations.pipeline.admin_alerts import alert_admins_throttled

logger = logging.getLogger(__name__)
# A price of this many times the estimate is posted as the provider reports it, and reported to the administrators.
UNUSUAL_FACTOR = 10


@transaction.atomic
def record_charge(
    attempt: Attempt, cost: Decimal, *, estimated: bool, source: CostSource | None = None,
    actor: User | None = None, note: str = "", mend: bool = False,
) -> None:  # fmt: skip
    """Charge an attempt and release its hold.

    `source` is who named the price. `mend` corrects an earlier charge by an adjustment entry. Safe to call again for
    the same attempt: without `mend`, a second price is ignored.
    """
    attempt = Attempt.objects.select_for_update(of=["self"]).select_related("generation").get(id=attempt.pk)
    if not ledger.charge(attempt, cost, estimated=estimated, actor=actor, note=note):
        if not mend:
            return
        ledger.adjust(attempt, cost, estimated=estimated, actor=actor, note=note)
    ledger.release(attempt.generation_id, attempt.hold_number, actor=actor)
    Attempt.objects.filter(id=attempt.id).update(cost=cost, cost_estimated=estimated, cost_source=source or "")
    _sum_up(attempt.generation_id)
    if not estimated and is_unusual(cost, attempt.estimate):
        transaction.on_commit(partial(_alert_about_cost, attempt, cost))


def is_unusual(cost: Decimal, estimate: Decimal) -> bool:
    """Return whether a price is more than ten times what was expected."""
    return cost > UNUSUAL_FACTOR * estimate > 0


def _alert_about_cost(attempt: Attempt, cost: Decimal) -> None:
    text = _(
        "The provider charged $%(cost)s for attempt %(attempt)s; about $%(estimate)s was expected. It is booked as"
        " charged. Check the Segmind console; /provider/ lists every such charge."
    ) % {"cost": f"{cost:.4f}", "attempt": attempt.id, "estimate": f"{attempt.estimate:.4f}"}
    alert_admins_throttled("unusual cost", _("A picture cost more than ten times the estimate"), text)


def _sum_up(generation_id: uuid.UUID) -> None:
    """Set the generation's cost to the sum over its attempts; it is an estimate when one of them is.

    The row is locked, because two of its attempts may be charged at once, and neither transaction sees the other's row
    before it is committed.
    """
    Generation.objects.select_for_update().get(id=generation_id)
    paid = Attempt.objects.filter(generation=generation_id, cost__isnull=False)
    Generation.objects.filter(id=generation_id).update(
        cost=paid.aggregate(total=Total("cost"))["total"], cost_estimated=paid.filter(cost_estimated=True).exists()
    )
