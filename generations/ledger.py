"""The only writer of ledger entries, and the sums over them.

Every function that writes belongs into the transaction of the event it books. Each has a cause of its own, and a
cause that is booked already is left as it is, so whatever is done twice costs once. Money is US dollars.
"""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from generations.errors import OverLimit
from generations.models import (
    HELD,
    SPENT,
    Attempt,
    AttemptState,
    Budget,
    Generation,
    Kind,
    LedgerEntry,
    Team,
    User,
    first_id_at,
)  # fmt: skip

logger = logging.getLogger(__name__)
NOTHING = Decimal(0)
PLACES = Decimal("1E-10")


def hold(generations: Sequence[Generation], *, actor: User | None) -> None:
    """Reserve each picture's estimate, all of one team; raises OverLimit when the team's month does not cover them."""
    if not generations:
        return
    _within_budget(generations[0].team, sum((row.estimate for row in generations), NOTHING))
    for row in generations:
        _enter(Kind.HOLD, -row.estimate, _hold_cause(row.id, row.holds), generation=row, actor=actor, estimated=True)


def release(generation_id: uuid.UUID, number: int, *, actor: User | None = None) -> None:
    """Give a hold back, by its number; nothing happens when it was given back before, or never placed."""
    held = LedgerEntry.objects.filter(cause=_hold_cause(generation_id, number)).select_related("generation").first()
    if held is not None and held.generation is not None:
        cause = f"release:{generation_id}:{number}"
        _enter(Kind.RELEASE, -held.amount, cause, generation=held.generation, actor=actor, estimated=True)


def who_holds(generation_id: uuid.UUID, number: int) -> int | None:
    """The id of the person whose order placed this hold; she may have been deleted since."""
    return LedgerEntry.objects.filter(cause=_hold_cause(generation_id, number)).values_list("actor", flat=True).first()


def charge(attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str = "") -> bool:
    """What the provider took for an attempt; False when that was booked before."""
    actor = actor or attempt.generation.author
    return _enter(
        Kind.CHARGE, -cost, f"charge:{attempt.id}", generation=attempt.generation, attempt=attempt, actor=actor,
        estimated=estimated, note=note,
    )  # fmt: skip


def adjust(attempt: Attempt, cost: Decimal, *, estimated: bool, actor: User | None = None, note: str) -> bool:
    """Correct a charge by its difference from `cost`, the figure that is known now; False when there is none.

    Hold the attempt's row locked: the entry is numbered after the ones before it.
    """
    before = LedgerEntry.objects.filter(attempt=attempt, kind__in=SPENT)
    difference = (_sum(before) + cost).quantize(PLACES)
    if difference == 0:
        return False
    return _enter(
        Kind.ADJUST, -difference, f"adjust:{attempt.id}:{before.count()}", generation=attempt.generation,
        attempt=attempt, actor=actor, estimated=estimated, note=note,
    )  # fmt: skip


def top_up(team: Team, amount: Decimal, *, cause: str, actor: User | None, note: str = "") -> bool:
    """Money given to a team; `cause` is the caller's own name for it, such as an invoice's number."""
    return _enter(Kind.TOP_UP, amount, f"top_up:{team.pk}:{cause}", team=team, actor=actor, note=note)


def reserve(team: Team, amount: Decimal, *, cause: str, note: str) -> None:
    """Hold money for a paid call that orders no picture of the gallery, such as a check of the provider."""
    _within_budget(team, amount)
    _enter(Kind.HOLD, -amount, f"hold:{cause}", team=team, estimated=True, note=note)


def settle_reserved(team: Team, cost: Decimal, *, cause: str, estimated: bool, note: str) -> None:
    """What `reserve` was for has come to its end, and cost this."""
    held_before = LedgerEntry.objects.get(cause=f"hold:{cause}")
    _enter(Kind.CHARGE, -cost, f"charge:{cause}", team=team, estimated=estimated, note=note)
    _enter(Kind.RELEASE, -held_before.amount, f"release:{cause}", team=team, estimated=True, note=note)


def balance(team: Team) -> Decimal:
    """What is left of everything that was given; negative where nothing was."""
    return _sum(LedgerEntry.objects.filter(team=team))


def spent(team: Team, since: datetime, until: datetime | None = None) -> Decimal:
    """Charges and adjustments booked from `since` to just before `until`."""
    rows = LedgerEntry.objects.filter(team=team, kind__in=SPENT, id__gte=first_id_at(since))
    return -_sum(rows.filter(id__lt=first_id_at(until)) if until else rows)


def held(team: Team) -> Decimal:
    """What is reserved now. Only what waits or is in doubt can be: the rest, years of it, need not be added up."""
    entries = LedgerEntry.objects.filter(kind__in=HELD, team=team)
    waiting = Generation.objects.filter(team=team, finished_at=None)
    doubtful = Attempt.objects.filter(state=AttemptState.UNKNOWN, generation__team=team)
    in_doubt = Generation.objects.filter(id__in=doubtful.values("generation"), finished_at__isnull=False)
    parts = [Q(generation__in=waiting), Q(generation__in=in_doubt), Q(generation=None)]
    return -sum((_sum(entries.filter(part)) for part in parts), NOTHING)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The calendar month around a moment, in the site's time zone: its first moment and the next one's."""
    # fold=0: where clocks go back at midnight, a first of the month may begin twice.
    first = timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, after


def _within_budget(team: Team, needed: Decimal) -> None:
    """The budget's row is locked until the holds stand, so that two orders cannot both take the last cent.

    SQLite has no such lock and needs none: there a transaction begins with the right to write.
    """
    budget = Budget.objects.select_for_update().filter(team=team).first()
    if budget is None:
        return
    first, after = month_of(timezone.now())
    so_far, reserved = spent(team, first), held(team)
    if so_far + reserved + needed > budget.monthly:
        raise OverLimit(
            f"This order needs about ${needed:.4f}, and of the ${budget.monthly:.2f} that {team.name} may spend in "
            f"{first:%B} ${so_far:.4f} are spent and ${reserved:.4f} are held for pictures on the way. The next month "
            f"begins on {after.day} {after:%B}; an administrator can raise the limit."
        )


def _hold_cause(generation_id: uuid.UUID, number: int) -> str:
    return f"hold:{generation_id}:{number}"


def _enter(
    kind: Kind, amount: Decimal, cause: str, *, generation: Generation | None = None, team: Team | None = None,
    **fields: Any,
) -> bool:  # fmt: skip
    """False when the cause is booked already."""
    amount = amount.quantize(PLACES)
    team_id = generation.team_id if generation else team.pk if team else None
    values = {"kind": kind, "amount": amount, "team_id": team_id, "generation": generation, **fields}
    entry, created = LedgerEntry.objects.get_or_create(cause=cause, defaults=values)
    if not created and entry.amount != amount:
        logger.error("%s is booked with %s; another figure came for it: %s", cause, entry.amount, amount)
    return created


def _sum(rows: "QuerySet[LedgerEntry]") -> Decimal:
    """To ten places: SQLite adds floats up, and a trace of 1E-17 would be a difference, or too much for a limit."""
    total: Decimal | None = rows.aggregate(total=Sum("amount"))["total"]
    return (total or NOTHING).quantize(PLACES)
