"""Scope of a review of spending."""

from dataclasses import dataclass

from django.db.models import QuerySet

from generations.ledger import LedgerScope
from generations.models import Generation, LedgerEntry, SpendingDay, Team, User


@dataclass(frozen=True)
class Scope:
    """Whose spending is reviewed: that of all teams, of one team, or of one user's pictures in it."""

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
