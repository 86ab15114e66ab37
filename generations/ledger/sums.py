"""Sums over ledger entries."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from generations.ledger.days import midnight, rolled_through
from generations.models import (
    HELD,
    PLACES,
    SPENT,
    Attempt,
    AttemptState,
    Collection,
    Generation,
    LedgerEntry,
    Span,
    SpendingDay,
    Team,
    Total,
    User,
    uuid7_min,
)  # fmt: skip

ZERO = Decimal(0)


@dataclass(frozen=True)
class LedgerScope:
    """Whose money is added up: a team's, of it one person's pictures, or what was ordered for one collection. Without a
    team: that of all teams, or of one person in all of them, but for the demo's teams once pictures cost money.
    """

    team: Team | None
    person: User | None = None
    collection: Collection | None = None

    @property
    def entries(self) -> "QuerySet[LedgerEntry]":
        return LedgerEntry.objects.filter(self._named("generation__author", "generation__ordered_for"))

    @property
    def days(self) -> "QuerySet[SpendingDay]":
        return SpendingDay.objects.filter(self._named("author", "collection"))

    @property
    def pictures(self) -> "QuerySet[Generation]":
        return Generation.objects.filter(self._named("author", "ordered_for"))

    def _named(self, author: str, collection: str) -> Q:
        pairs: dict[str, object] = {"team": self.team, author: self.person, collection: self.collection}
        named = Q(**{name: value for name, value in pairs.items() if value is not None})
        return named if self.team else named & ~Q(team__in=Team.objects.closed())


def balance(team: Team) -> Decimal:
    """What is left of everything that was given; negative where nothing was."""
    return total(LedgerEntry.objects.filter(team=team))


def spent(whose: Team | LedgerScope, since: datetime, until: datetime | None = None) -> Decimal:
    """Charges and adjustments booked from `since` to just before `until`: whole days that are added up already from
    their sums, the rest from the entries."""
    whose = whose if isinstance(whose, LedgerScope) else LedgerScope(whose)
    entries = whose.entries.filter(kind__in=SPENT)
    through = rolled_through()
    first = _next_midnight(since)
    last = timezone.localdate(until) if until else through
    last = min(last, through) if last and through else None
    if last is None or first >= last:
        return -total(_between(entries, since, until))
    whole: Decimal = whose.days.filter(day__gte=first, day__lt=last).aggregate(total=Total("spent"))["total"]
    edges = total(_between(entries, since, midnight(first))) + total(_between(entries, midnight(last), until))
    return whole - edges


def held(whose: Team | LedgerScope) -> Decimal:
    """What is reserved now. Only what waits or is in doubt can be: the rest, years of it, need not be added up.

    One question, so that a picture that moves from one of these to the other meanwhile is in one of them.
    """
    whose = whose if isinstance(whose, LedgerScope) else LedgerScope(whose)
    entries = whose.entries.filter(kind__in=HELD)
    waiting = whose.pictures.filter(finished_at=None)
    doubtful = Attempt.objects.filter(state=AttemptState.UNKNOWN)
    if whose.team is not None:
        doubtful = doubtful.filter(generation__team=whose.team)
    in_doubt = whose.pictures.filter(id__in=doubtful.values("generation"), finished_at__isnull=False)
    parts = [Q(generation__in=waiting), Q(generation__in=in_doubt)]
    if whose.person is None and whose.collection is None:
        parts.append(Q(generation=None))
    first, *others = (entries.filter(part).order_by().values_list("id", "amount") for part in parts)
    return -sum((amount for _, amount in first.union(*others)), ZERO).quantize(PLACES)


def total(rows: "QuerySet[LedgerEntry]") -> Decimal:
    found: Decimal = rows.aggregate(total=Total("amount"))["total"]
    return found.quantize(PLACES)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The calendar month around a moment, in the site's time zone: its first moment and the next one's."""
    # fold=0: where clocks go back at midnight, a first of the month may begin twice.
    first = timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, after


def span_of(span: str, moment: datetime) -> tuple[datetime, datetime]:
    """The calendar day or month around a moment."""
    if span == Span.MONTH:
        return month_of(moment)
    day = timezone.localdate(moment)
    return midnight(day), midnight(day + timedelta(days=1))


def _between(rows: "QuerySet[LedgerEntry]", since: datetime, until: datetime | None) -> "QuerySet[LedgerEntry]":
    rows = rows.filter(id__gte=uuid7_min(since))
    return rows.filter(id__lt=uuid7_min(until)) if until else rows


def _next_midnight(moment: datetime) -> date:
    """The first day that begins at this moment or later."""
    day = timezone.localdate(moment)
    return day if midnight(day) >= moment else day + timedelta(days=1)
