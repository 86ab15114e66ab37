"""Sums over ledger entries, in US dollars."""

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
    """Whose money is summed: of a team, of one member's pictures in it, or of pictures generated for one collection.

    Without a team: of all teams, or of one user in all teams. Teams of the demo are left out once pictures cost money.
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
    """Return what is left of everything credited to a team; negative if nothing was."""
    return total(LedgerEntry.objects.filter(team=team))


def spent(whose: Team | LedgerScope, since: datetime, until: datetime | None = None) -> Decimal:
    """Return charges and adjustments posted from `since` to just before `until`.

    Whole days come from their stored sums, the rest from the entries.
    """
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
    """Return what is reserved now.

    Only unfinished pictures and unknown outcomes have holds, so the entries of other pictures are not read. One query,
    so that a picture that changes from one to the other meanwhile is counted.
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
    """Return the signed sum of entries, with ten places."""
    found: Decimal = rows.aggregate(total=Total("amount"))["total"]
    return found.quantize(PLACES)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """Return the first moment of the calendar month around a moment, in the site's time zone, and of the next month."""
    # fold=0: where clocks go back at midnight, a month may begin twice.
    first = timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, after


def span_of(span: str, moment: datetime) -> tuple[datetime, datetime]:
    """Return the first moments of the calendar day or month around a moment, and of the next one."""
    if span == Span.MONTH:
        return month_of(moment)
    day = timezone.localdate(moment)
    return midnight(day), midnight(day + timedelta(days=1))


def _between(rows: "QuerySet[LedgerEntry]", since: datetime, until: datetime | None) -> "QuerySet[LedgerEntry]":
    rows = rows.filter(id__gte=uuid7_min(since))
    return rows.filter(id__lt=uuid7_min(until)) if until else rows


def _next_midnight(moment: datetime) -> date:
    """Return the first day that begins at this moment or later."""
    day = timezone.localdate(moment)
    return day if midnight(day) >= moment else day + timedelta(days=1)
