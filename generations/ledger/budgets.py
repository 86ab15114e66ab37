"""Limits on spending in a day or a month: of a team, a member, a collection, or over all teams. Held money counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import OverLimit
from generations.ledger.limit_names import limit_name
from generations.ledger.sums import ZERO, LedgerScope, held, span_of, spent
from generations.models import Budget, Generation, Membership, Role, Span, Team, User, format_amount, format_dollars

# For users who may not see what is spent in other teams.
OVER_ALL_TEAMS = gettext_lazy("This request exceeds a limit across all teams. Ask a site admin to raise it.")


@dataclass(frozen=True)
class BudgetUsage:
    """The usage of a budget in the current day or month; US dollars."""

    budget: Budget
    spent: Decimal
    held: Decimal
    begins: datetime
    ends: datetime

    @property
    def used(self) -> Decimal:
        return self.spent + self.held

    @property
    def most(self) -> Decimal:
        """Return the hard limit, or the soft one if there is no hard one."""
        most = self.budget.hard if self.budget.hard is not None else self.budget.soft
        return most if most is not None else ZERO

    @property
    def left(self) -> Decimal:
        return max(ZERO, self.most - self.used)

    @property
    def per_cent(self) -> int:
        """Return the usage in per cent, rounded down so that 100 means reached."""
        return int(self.used * 100 / self.most) if self.most else 100

    @property
    def is_above_soft(self) -> bool:
        """Return whether the soft limit is exceeded."""
        return self.budget.soft is not None and self.used > self.budget.soft

    def is_open_to(self, reader: User | None) -> bool:
        """Return whether the reader may see the amounts; None is the site itself.

        Spending in other teams is visible to the user whose limit it is, and to superusers.
        """
        if reader is None or not self.budget.is_over_all_teams:
            return True
        return reader.is_superuser or reader == self.budget.person

    @property
    def period_words(self) -> str:
        """Return the counted day or month in words."""
        if self.budget.span == Span.DAY:
            return _("today")
        return _("in %(month)s") % {"month": date_format(timezone.localtime(self.begins), "F")}

    @property
    def resets(self) -> str:
        """Return when the count restarts from zero, as a sentence."""
        if self.budget.span == Span.DAY:
            return _("It resets at midnight.")
        day = date_format(timezone.localtime(self.ends), "MONTH_DAY_FORMAT")
        return _("It resets on %(day)s.") % {"day": day}


def budgets_for(team: Team, *, people: Collection[int], collection_id: object) -> "QuerySet[Budget]":
    """Return the budgets that limit what these users generate in this team for this collection.

    These are the team's budgets, and those over all teams.
    """
    of_team = Q(team=team) & (Q(collection=None) | Q(collection=collection_id) if collection_id else Q(collection=None))
    rows = Budget.objects.filter(of_team | Q(team=None))
    return rows.filter(Q(person=None) | Q(person__in=people)) if people else rows.filter(person=None)


def budget_usage(budget: Budget) -> BudgetUsage:
    """Return the current usage of a budget."""
    whose = LedgerScope(budget.team, budget.person, budget.collection)
    begins, ends = span_of(budget.span, timezone.now())
    # Holds are read before charges: a charge that is posted between the two reads then counts twice for a moment. In
    # the reverse order its hold would be gone and its charge not yet seen, leaving room for one generation too many.
    reserved = held(whose)
    return BudgetUsage(budget, spent(whose, begins), reserved, begins, ends)


def require(team: Team, generations: Sequence[Generation], actor: User | None, reader: User | None) -> None:
    """Check that the limits of the author and the actor cover these pictures, all of one author and collection.

    Raises OverLimit, with a sentence for the reader, when one does not.
    """
    needed = sum((row.estimate for row in generations), ZERO)
    first = generations[0]
    people = {pk for pk in (first.author_id, actor.pk if actor else None) if pk is not None}
    _require(team, needed, people=people, collection_id=first.ordered_for_id, reader=reader)


def require_for_team(team: Team, needed: Decimal) -> None:
    """Check that the limits of the team and over all teams cover an amount. Raises OverLimit when one does not."""
    _require(team, needed, people=(), collection_id=None, reader=None)


def _require(
    team: Team, needed: Decimal, *, people: Collection[int], collection_id: object, reader: User | None
) -> None:
    """Check the limits, with the budgets' rows locked until the holds are posted.

    Without the lock two requests could both take the last cent. SQLite has no such lock and needs none, because its
    transactions begin with the right to write.
    """
    rows = budgets_for(team, people=people, collection_id=collection_id).filter(hard__isnull=False)
    locked = rows.select_for_update(of=["self"]).select_related("team", "person", "collection")
    for budget in locked.order_by("pk"):
        usage = budget_usage(budget)
        if usage.used + needed > usage.most:
            raise OverLimit(_refusal(usage, needed, reader))


def _refusal(usage: BudgetUsage, needed: Decimal, reader: User | None) -> str:
    if not usage.is_open_to(reader):
        return str(OVER_ALL_TEAMS)
    text = (
        _("This request needs about %(needed)s, but only %(left)s of %(limit)s (%(amount)s) is left.")
        if usage.left
        else _("This request needs about %(needed)s, but none of %(limit)s (%(amount)s) is left.")
    )
    refused = text % {
        "needed": format_dollars(needed), "left": format_dollars(usage.left),
        "limit": limit_name(usage.budget, reader), "amount": format_amount(usage.most),
    }  # fmt: skip
    reserved = (
        _("%(amount)s is reserved for pictures in progress.") % {"amount": format_dollars(usage.held)}
        if usage.held
        else ""
    )
    return " ".join(one for one in (refused, reserved, usage.resets, _who_raises(usage.budget)) if one)


def _who_raises(budget: Budget) -> str:
    """Return who can raise the limit, by name if there are at most two."""
    if budget.by_site:
        return _("Ask a site admin to raise it.")
    owners = Membership.objects.filter(team=budget.team_id, role=Role.OWNER, user__is_active=True)
    names = [row.user.display_name for row in owners.select_related("user").order_by("pk")[:3]]
    if len(names) == 1:
        return _("An owner (%(name)s) can raise it.") % {"name": names[0]}
    if len(names) == 2:
        return _("An owner (%(first)s or %(second)s) can raise it.") % {"first": names[0], "second": names[1]}
    return _("An owner can raise it.")
