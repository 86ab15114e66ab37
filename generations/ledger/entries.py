"""The only writer of ledger entries.

Every function that writes belongs into the transaction of the event it books. Each has a cause of its own, and a
cause that is booked already is left as it is, so whatever is done twice costs once. Money is US dollars.
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
# When the entries that are written now happened; None: now.
_happened: ContextVar[datetime | None] = ContextVar("happened", default=None)


@contextmanager
def backdated_entries(moment: datetime) -> Iterator[None]:
    """Entries of content that is entered after the fact stand where they would have stood. Days that were added up
    before have to be made again: `ledger.rebuild()`.
    """
    token = _happened.set(moment)
    try:
        yield
    finally:
        _happened.reset(token)


def hold(generations: Sequence[Generation], *, actor: User | None, reader: User | None = None) -> None:
    """Reserve each picture's estimate, all of one team, author and collection; raises OverLimit when a limit of the
    author or the actor does not cover them. Its sentence is for the reader, who is the actor unless somebody else is
    named."""
    if not generations:
        return
    budgets.require(generations[0].team, generations, actor, reader or actor)
    for row in generations:
        _post(
            EntryType.HOLD, -row.estimate, _hold_cause(row.id, row.holds), generation=row, actor=actor, estimated=True
        )


def release(generation_id: uuid.UUID, number: int, *, actor: User | None = None) -> None:
    """Give a hold back, by its number; nothing happens when it was given back before, or never placed."""
    held = LedgerEntry.objects.filter(cause=_hold_cause(generation_id, number)).select_related("generation").first()
    if held is not None and held.generation is not None:
        cause = f"release:{generation_id}:{number}"
        _post(EntryType.RELEASE, -held.amount, cause, generation=held.generation, actor=actor, estimated=True)


def holders(generation_id: uuid.UUID, number: int) -> int | None:
    """The id of the person whose order placed this hold; she may have been deleted since."""
    return LedgerEntry.objects.filter(cause=_hold_cause(generation_id, number)).values_list("actor", flat=True).first()


def charge(attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str = "") -> bool:
    """What the provider took for an attempt; False when that was booked before."""
    actor = actor or attempt.generation.author
    if attempt.sent_at is not None:
        note = _late(attempt, uuid7_at(attempt.sent_at), note)
    return _post(
        EntryType.CHARGE, -cost, f"charge:{attempt.id}", generation=attempt.generation, attempt=attempt, actor=actor,
        estimated=estimated, note=note,
    )  # fmt: skip


def adjust(attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str) -> bool:
    """Correct a charge by its difference from `cost`, the figure that is known now; False when there is none.

    Hold the attempt's row locked: the entry is numbered after the ones before it.
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


def top_up(team: Team, amount: Decimal, *, cause: str, actor: User | None, note: str = "") -> bool:
    """Money given to a team; `cause` is the caller's own name for it, such as an invoice's number."""
    return _post(EntryType.TOP_UP, amount, f"top_up:{team.pk}:{cause}", team=team, actor=actor, note=note)


def reserve(team: Team, amount: Decimal, *, cause: str, note: str) -> None:
    """Hold money for a paid call that orders no picture of the gallery, such as a check of the provider.

    Raises OverLimit, and NotAllowed for a team of the demo once pictures cost money: no sum would show what it spends.
    """
    if team.is_closed:
        raise NotAllowed(f"{team} is a demo team, and nothing real is paid from it. Choose another team.")
    budgets.require_for_team(team, amount)
    _post(EntryType.HOLD, -amount, f"hold:{cause}", team=team, estimated=True, note=note)


def settle_reserved(team: Team, cost: Decimal, *, cause: str, estimated: bool, note: str) -> None:
    """What `reserve` was for has come to its end, and cost this."""
    held_before = LedgerEntry.objects.get(cause=f"hold:{cause}")
    _post(EntryType.CHARGE, -cost, f"charge:{cause}", team=team, estimated=estimated, note=note)
    _post(EntryType.RELEASE, -held_before.amount, f"release:{cause}", team=team, estimated=True, note=note)


def _late(attempt: Attempt, belongs: uuid.UUID, note: str) -> str:
    """What belongs into a month that takes no more entries stands in the open one, and says so."""
    now = timezone.now()
    if _happened.get() is not None or belongs >= uuid7_min(month_of(now)[0]):
        return note
    signed = SignOff.objects.filter(team=attempt.generation.team_id, until__gt=belongs).order_by("month")
    first = signed.values_list("month", flat=True).first()
    if first is None:
        return note
    month = timezone.localtime(uuid7_time(belongs))
    why = "is signed off"
    if first != month.date().replace(day=1):
        # The months before a signed one are closed with it, whether somebody has signed them or not.
        why = f"takes no more entries since {first:%B %Y} is signed off"
    said = f"of {month:%B %Y}, which {why}; booked in {timezone.localtime(now):%B %Y}"
    return f"{note}; {said}" if note else said


def _hold_cause(generation_id: uuid.UUID, number: int) -> str:
    return f"hold:{generation_id}:{number}"


def _post(
    kind: EntryType, amount: Decimal, cause: str, *, generation: Generation | None = None, team: Team | None = None,
    **fields: Any,
) -> bool:  # fmt: skip
    """False when the cause is booked already."""
    amount = amount.quantize(PLACES)
    team_id = generation.team_id if generation else team.pk if team else None
    values = {"kind": kind, "amount": amount, "team_id": team_id, "generation": generation, **fields}
    if moment := _happened.get():
        values |= {"id": uuid7_at(moment), "created_at": moment}
    entry, created = LedgerEntry.objects.get_or_create(cause=cause, defaults=values)
    if not created and entry.amount != amount:
        logger.error("%s is booked with %s; another figure came for it: %s", cause, entry.amount, amount)
    return created
