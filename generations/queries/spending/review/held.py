"""What is reserved now, and for what: pictures that are being made, and those nobody knows the outcome of."""

from dataclasses import dataclass
from decimal import Decimal

from generations import ledger
from generations.ledger import LedgerScope
from generations.models import HELD, Attempt, AttemptState, Generation, LedgerEntry, Team, Total, User


@dataclass(frozen=True)
class ReservedMoney:
    """US dollars; `doubtful` is the part of the `doubts`, the rest is for what is `making`. What is charged and waits
    for its file holds nothing any more."""

    total: Decimal
    in_progress: int
    doubtful: Decimal
    doubts: int


def reserved_now(team: Team, person: User | None = None) -> ReservedMoney:
    whose = LedgerScope(team, person)
    unsettled = Attempt.objects.filter(state=AttemptState.UNKNOWN, cost=None, generation__team=team)
    pictures = whose.pictures.filter(id__in=unsettled.values("generation"))
    entries = whose.entries.filter(kind__in=HELD, generation__in=pictures.values("id"))
    doubtful: Decimal = -entries.aggregate(total=Total("amount"))["total"]
    charged = Attempt.objects.filter(state=AttemptState.ANSWERED, download_at__isnull=False).values("generation")
    making = Generation.objects.waiting().filter(id__in=whose.pictures.values("id")).exclude(id__in=charged).count()
    return ReservedMoney(ledger.held(whose), making, doubtful, pictures.count())


def reserved_by_team() -> dict[int, Decimal]:
    """What each team has reserved now; as `ledger.held` finds it, in as many questions for all of them as for one."""
    entries = LedgerEntry.objects.filter(kind__in=HELD).exclude(team__in=Team.objects.closed())
    doubtful = Attempt.objects.filter(state=AttemptState.UNKNOWN).values("generation")
    parts = [
        entries.filter(generation__in=Generation.objects.filter(finished_at=None).values("id")),
        entries.filter(
            generation__in=Generation.objects.filter(id__in=doubtful, finished_at__isnull=False).values("id")
        ),
        entries.filter(generation=None),
    ]
    held: dict[int, Decimal] = {}
    for part in parts:
        for row in part.order_by().values("team").annotate(total=Total("amount")):
            held[row["team"]] = held.get(row["team"], Decimal(0)) - row["total"]
    return held
