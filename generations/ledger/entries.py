"""The only writer of ledger entries. Amounts are US dollars.

Every function that writes must run in the transaction of the event it posts. Each entry has an idempotency key; one
whose key is already posted is ignored, so that a repeated action costs once.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from generations.errors import NotAllowed
from generations.ledger import budgets
from generations.ledger.sums import month_of
from generations.models import (
    PLACES,
    SPENT,
    Attempt,
    EntryType,
    Generation,
    LedgerEntry,
    SignOff,
    Team,
    Total,
    User,
    uuid7_at,
    uuid7_min,
    uuid7_time,
)

logger = logging.getLogger(__name__)
# The date of the entries that are posted now; None: now.
_happened: ContextVar[datetime | None] = ContextVar("happened", default=None)


@contextmanager
def backdated_entries(moment: datetime) -> Iterator[None]:
    """Post entries with the ids and times of a past moment. Summed days need `ledger.rebuild()` afterwards."""
    token = _happened.set(moment)
    try:
        yield
    finally:
        _happened.reset(token)


def hold(generations: Sequence[Generation], *, actor: User | None, reader: User | None = None) -> None:
    """Reserve each picture's estimate; all are of one team, author and collection.

    Raises OverLimit when a limit of the author or the actor does not cover them. Its sentence is for the reader, by
    default the actor.
    """
    if not generations:
        return
    budgets.require(generations[0].team, generations, actor, reader or actor)
    for row in generations:
        _post(
            EntryType.HOLD,
            -row.estimate,
            _hold_cause(row.id, row.hold_count),
            generation=row,
            actor=actor,
            estimated=True,
        )


def release(generation_id: uuid.UUID, number: int, *, actor: User | None = None) -> None:
    """Release a hold by its number; do nothing if it was released before or never posted."""
    held = (
        LedgerEntry.objects.filter(idempotency_key=_hold_cause(generation_id, number))
        .select_related("generation")
        .first()
    )
    if held is not None and held.generation is not None:
        idempotency_key = f"release:{generation_id}:{number}"
        _post(EntryType.RELEASE, -held.amount, idempotency_key, generation=held.generation, actor=actor, estimated=True)


def holders(generation_id: uuid.UUID, number: int) -> int | None:
    """Return the id of the user whose request posted this hold; None if that user was deleted."""
    return (
        LedgerEntry.objects.filter(idempotency_key=_hold_cause(generation_id, number))
        .values_list("actor", flat=True)
        .first()
    )


def charge(attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str = "") -> bool:
    """Charge an attempt; return False when it was charged before."""
    actor = actor or attempt.generation.author
    if attempt.sent_at is not None:
        note = _late(attempt, uuid7_at(attempt.sent_at), note)
    return _post(
        EntryType.CHARGE, -cost, f"charge:{attempt.id}", generation=attempt.generation, attempt=attempt, actor=actor,
        estimated=estimated, note=note,
    )  # fmt: skip


def adjust(attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str) -> bool:
    """Correct a charge to `cost` by an entry of the difference; return False when there is none.

    Requires a lock on the attempt's row, because the idempotency key contains the number of the entries before it.
    """
    before = LedgerEntry.objects.filter(attempt=attempt, kind__in=SPENT)
    booked: Decimal = before.aggregate(total=Total("amount"))["total"]
    difference = (booked + cost).quantize(PLACES)
    if difference == 0:
        return False
    first = before.order_by("id").values_list("id", flat=True).first()
    note = _late(attempt, first, note) if first else note
    return _post(
        EntryType.ADJUST, -difference, f"adjust:{attempt.id}:{before.count()}", generation=attempt.generation,
        attempt=attempt, actor=actor, estimated=estimated, note=note,
    )  # fmt: skip


def top_up(team: Team, amount: Decimal, *, idempotency_key: str, actor: User | None) -> bool:
    """Credit a team; `idempotency_key` is the caller's, such as an invoice's number. False if posted before."""
    return _post(EntryType.TOP_UP, amount, f"top_up:{team.pk}:{idempotency_key}", team=team, actor=actor)


def hold_without_generation(team: Team, amount: Decimal, *, idempotency_key: str, note: str) -> None:
    """Hold money for a paid call that generates no picture of the gallery, such as a check of the provider.

    Raises OverLimit. Raises NotAllowed for a team of the demo once pictures cost money, since no sum includes it.
    """
    if team.is_closed:
        raise NotAllowed(
            _("%(team)s is a demo team and can't pay for real calls. Choose another team.") % {"team": team}
        )
    budgets.require_for_team(team, amount)
    _post(EntryType.HOLD, -amount, f"hold:{idempotency_key}", team=team, estimated=True, note=note)


def settle_without_generation(team: Team, cost: Decimal, *, idempotency_key: str, estimated: bool, note: str) -> None:
    """Charge what the call of `hold_without_generation` cost, and release its hold."""
    held_before = LedgerEntry.objects.get(idempotency_key=f"hold:{idempotency_key}")
    _post(EntryType.CHARGE, -cost, f"charge:{idempotency_key}", team=team, estimated=estimated, note=note)
    _post(EntryType.RELEASE, -held_before.amount, f"release:{idempotency_key}", team=team, estimated=True, note=note)


def _late(attempt: Attempt, belongs: uuid.UUID, note: str) -> str:
    """Return the note with a remark if the entry belongs to a signed-off month and is posted in the open one."""
    now = timezone.now()
    if _happened.get() is not None or belongs >= uuid7_min(month_of(now)[0]):
        return note
    signed = SignOff.objects.filter(team=attempt.generation.team_id, until__gt=belongs).order_by("month")
    first = signed.values_list("month", flat=True).first()
    if first is None:
        return note
    month = timezone.localtime(uuid7_time(belongs))
    # The months before a signed-off month are closed with it, even if they were never signed off.
    text = (
        _("Belongs to %(month)s, which is signed off; booked in %(now)s.")
        if first == month.date().replace(day=1)
        else _("Belongs to %(month)s, which is closed because %(signed)s is signed off; booked in %(now)s.")
    )
    months = {"month": month, "signed": first, "now": timezone.localtime(now)}
    said = text % {name: date_format(value, "YEAR_MONTH_FORMAT") for name, value in months.items()}
    return f"{note} · {said}" if note else said


def _hold_cause(generation_id: uuid.UUID, number: int) -> str:
    return f"hold:{generation_id}:{number}"


def _post(
    kind: EntryType, amount: Decimal, idempotency_key: str, *, generation: Generation | None = None,
    team: Team | None = None, **fields: Any,
) -> bool:  # fmt: skip
    """Post an entry; return False when its idempotency key is already posted."""
    amount = amount.quantize(PLACES)
    team_id = generation.team_id if generation else team.pk if team else None
    values = {"kind": kind, "amount": amount, "team_id": team_id, "generation": generation, **fields}
    if moment := _happened.get():
        values |= {"id": uuid7_at(moment), "created_at": moment}
    entry, created = LedgerEntry.objects.get_or_create(idempotency_key=idempotency_key, defaults=values)
    if not created and entry.amount != amount:
        logger.error("%s is booked with %s; another figure came for it: %s", idempotency_key, entry.amount, amount)
    return created
