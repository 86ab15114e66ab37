"""Money held now, by pictures in progress and by unknown outcomes."""

from dataclasses import dataclass
from decimal import Decimal

from generations import ledger
from generations.ledger import LedgerScope
from generations.models import HELD, Attempt, AttemptState, Generation, LedgerEntry, Team, Total, User


@dataclass(frozen=True)
class ReservedMoney:
    """Amounts in US dollars.

    `doubtful` is the part held for the `doubts` pictures with an unknown outcome; the rest is for the `making` ones in
    progress. A charged picture that waits for its file holds nothing any more.
    """

    total: Decimal
    in_progress: int
    doubtful: Decimal
    doubts: int


def reserved_now(team: Team, person: User | None = None) -> ReservedMoney:
    """Return the amounts held in the team, or for one user's pictures in it."""
    whose = LedgerScope(team, person)
    unsettled = Attempt.objects.filter(state=AttemptState.UNKNOWN, cost=None, generation__team=team)
    pictures = whose.pictures.filter(id__in=unsettled.values("generation"))
    entries = whose.entries.filter(kind__in=HELD, generation__in=pictures.values("id"))
    doubtful: Decimal = -entries.aggregate(total=Total("amount"))["total"]
    charged = Attempt.objects.filter(state=AttemptState.ANSWERED, next_download_at__isnull=False).values("generation")
    making = Generation.objects.waiting().filter(id__in=whose.pictures.values("id")).exclude(id__in=charged).count()
    return ReservedMoney(ledger.held(whose), making, doubtful, pictures.count())


def reserved_by_team() -> dict[int, Decimal]:
    """Return the amount held in each team, as `ledger.held` finds it for one, in three queries for all teams.

    The demo's teams are left out while pictures cost money.
    """
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
