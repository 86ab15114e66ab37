from dataclasses import dataclass

from django.db.models import QuerySet

from generations.ledger import LedgerScope
from generations.models import Generation, LedgerEntry, SpendingDay, Team, User


@dataclass(frozen=True)
class Scope:
    """Whose spending is looked at: all teams', one team's, or one person's pictures in it; as `ledger.Whose` has it."""

    team: Team | None = None
    person: User | None = None

    @property
    def entries(self) -> "QuerySet[LedgerEntry]":
        return self._whose.entries

    @property
    def days(self) -> "QuerySet[SpendingDay]":
        return self._whose.days

    @property
    def pictures(self) -> "QuerySet[Generation]":
        return self._whose.pictures

    @property
    def _whose(self) -> LedgerScope:
        return LedgerScope(self.team, self.person)
