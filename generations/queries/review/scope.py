from dataclasses import dataclass

from django.db.models import QuerySet

from generations.ledger import Whose
from generations.models import Generation, LedgerEntry, SpendingDay, Team, User


@dataclass(frozen=True)
class Scope:
    """Whose spending is looked at: all teams', one team's, or one person's pictures in it.

    All teams are those whose money is real: without the demo's once the site has a key.
    """

    team: Team | None = None
    person: User | None = None

    @property
    def entries(self) -> "QuerySet[LedgerEntry]":
        return self._whose.entries if self.team else LedgerEntry.objects.exclude(team__in=Team.objects.closed())

    @property
    def days(self) -> "QuerySet[SpendingDay]":
        return self._whose.days if self.team else SpendingDay.objects.exclude(team__in=Team.objects.closed())

    @property
    def pictures(self) -> "QuerySet[Generation]":
        return self._whose.pictures if self.team else Generation.objects.exclude(team__in=Team.objects.closed())

    @property
    def _whose(self) -> Whose:
        if self.team is None:
            raise ValueError("Only a team has people whose pictures can be told apart.")
        return Whose(self.team, self.person)
