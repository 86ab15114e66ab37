"""Decisions of site administrators about discrepancies between the ledger and the provider's records."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import GalleryError
from generations.models import (
    Attempt,
    AuditAction,
    CostSource,
    DiscrepancyExplanation,
    Reason,
    Reconciliation,
    User,
    uuid7,
)
from generations.pipeline.charges import record_charge
from generations.pipeline.reconciliation.balance import check
from generations.pipeline.reconciliation.balance.discrepancies import DOUBT, PRICE, UNUSUAL, Discrepancy, live_keys
from generations.pipeline.reconciliation.balance.figures import within
from generations.services.site import audit
from generations.services.site.reasons import clean_reason

__all__ = [
    "DOUBT", "PRICE", "UNUSUAL", "Discrepancy", "explain", "explain_remainder", "open_discrepancies",
    "post_history_row", "revoke_explanation",
]  # fmt: skip
MAX_NOTE_LENGTH = 300
EXPLAINED = gettext_lazy("This difference has already been explained. Nothing was changed.")
NOT_FOUND = gettext_lazy("This difference is no longer in the reconciliation. Check again.")


def open_discrepancies(run: Reconciliation) -> list[Discrepancy]:
    """Return the discrepancies of a comparison that have no explanation and whose correction is not posted yet."""
    found = [Discrepancy.of(one) for one in run.discrepancies]
    named = live_keys([one.key for one in found])
    prices = [one.attempt for one in found if one.reason == PRICE]
    costs = {str(id): cost for id, cost in Attempt.objects.filter(id__in=prices).values_list("id", "cost")}
    return [one for one in found if one.key not in named and not _is_booked(one, costs)]


def _is_booked(one: Discrepancy, costs: dict[str, Decimal | None]) -> bool:
    return one.reason == PRICE and (costs.get(one.attempt) or Decimal(0)) == one.figure


@transaction.atomic
def explain(*, actor: User, run: Reconciliation, keys: Sequence[str], note: str = "") -> int:
    """Explain discrepancies with the reasons that their evidence proposes, and return how many.

    Raises GalleryError when one is explained already, or is not in this comparison.
    """
    found = {one.key: one for one in map(Discrepancy.of, run.discrepancies)}
    if not keys or any(key not in found or found[key].reason not in Reason.values for key in keys):
        raise GalleryError(NOT_FOUND)
    if live_keys(list(keys)):
        raise GalleryError(EXPLAINED)
    chosen = [found[key] for key in keys]
    rows = [_row(one, one.reason, note) for one in chosen]
    _add(actor, rows)
    return len(rows)


@transaction.atomic
def explain_remainder(*, actor: User, run: Reconciliation, reason: str, note: str, seen: str) -> None:
    """Explain the whole unexplained remainder with one reason and a note.

    Raises GalleryError without a note, when nothing is left, and when the amount is not `seen`, the one the user saw.
    """
    why = clean_reason(note, _("Enter the evidence. It's kept with the amount."))
    unnamed, unlisted = check.standing(run)[:2]
    if reason not in Reason.values:
        raise GalleryError(_("Choose a cause."))
    if within(unnamed) and within(unlisted):
        raise GalleryError(_("Everything is explained already."))
    if seen != str(unnamed):
        raise GalleryError(
            _("The amount has changed since you opened this page. Nothing was changed; review it and try again.")
        )
    _add(actor, [_entry(reason, unnamed, unlisted, f"rest:{run.id}", run.since, run.until, note=why)])


@transaction.atomic
def revoke_explanation(*, actor: User, named: DiscrepancyExplanation, note: str) -> int:
    """Revoke an explanation, and all that were given together with it, by counter-entries; return how many.

    Raises GalleryError without a note, or when it was revoked already.
    """
    why = clean_reason(note, _("Enter a reason. Both entries stay in the list."))
    rows = list(DiscrepancyExplanation.objects.filter(group_id=named.group_id, reverses=None, reversed_by=None))
    if not rows:
        raise GalleryError(_("This explanation has already been undone. Nothing was changed."))
    back = [
        _entry(one.reason, -one.amount, -one.listed, f"back:{one.id}", one.begins, one.ends, note=why, reverses=one)
        for one in rows
    ]
    _add(actor, back, AuditAction.REVOKED_EXPLANATION)
    return len(back)


@transaction.atomic
def post_history_row(*, actor: User, run: Reconciliation, keys: Sequence[str]) -> int:
    """Correct charges to the amounts in the provider's history, and return how many.

    Raises GalleryError when one is not in this comparison, or was corrected in the meantime.
    """
    found = {one.key: one for one in map(Discrepancy.of, run.discrepancies) if one.reason == PRICE}
    if not keys or any(key not in found for key in keys):
        raise GalleryError(NOT_FOUND)
    for key in keys:
        one = found[key]
        attempt = Attempt.objects.select_for_update(of=["self"]).get(id=one.attempt)
        if one.figure is None or (attempt.cost or Decimal(0)) != one.booked:
            raise GalleryError(_("The cost of this call has been corrected since. Nothing was changed; check again."))
        note = _("the provider's history has a different amount from its response")
        record_charge(
            attempt, one.figure, estimated=False, source=CostSource.HISTORY, mend=True, actor=actor, note=note
        )
        audit.record_event(
            AuditAction.BOOKED_HISTORY, actor=actor, subject=attempt, detail=f"{one.booked} → {one.figure}"
        )
    return len(keys)


def _row(one: Discrepancy, reason: str, note: str) -> DiscrepancyExplanation:
    words = " ".join(filter(None, (note.replace("\0", "").strip()[:MAX_NOTE_LENGTH], one.words)))
    return _entry(reason, one.amount, one.listed, one.key, one.begins, one.ends, note=words)


def _entry(
    reason: str, amount: Decimal, listed: Decimal, key: str, *times: datetime, **more: Any
) -> DiscrepancyExplanation:
    begins, ends = times
    return DiscrepancyExplanation(
        reason=reason, amount=amount, listed=listed, key=key, begins=begins, ends=ends, at=timezone.now(), **more
    )


def _add(
    actor: User, rows: Sequence[DiscrepancyExplanation], action: AuditAction = AuditAction.EXPLAINED_DISCREPANCY
) -> None:
    """Save explanations as one group. Raises GalleryError when one was explained in the meantime."""
    together = uuid7()
    # Active rows are not counted: of two users who explain one at the same moment both compute the same round, and the
    # unique constraint accepts it once.
    gone = DiscrepancyExplanation.objects.filter(key__in=[one.key for one in rows], reversed_by__isnull=False)
    counted = gone.values("key").annotate(n=Count("id"))
    before = {one["key"]: one["n"] for one in counted}
    for one in rows:
        one.by, one.group_id, one.revision = actor, together, before.get(one.key, 0) + 1
    try:
        with transaction.atomic():
            DiscrepancyExplanation.objects.bulk_create(rows)
    except IntegrityError:
        raise GalleryError(EXPLAINED) from None
    total = sum((one.amount for one in rows), Decimal(0))
    audit.record_event(action, actor=actor, detail=f"{rows[0].reason}: {len(rows)}, ${total}")
