"""Usage of limits by teams, users and collections, and what the composer says about them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from generations import ledger
from generations.folding import fold
from generations.ledger import BudgetUsage
from generations.models import Budget, Membership, Span, Team, User, format_amount, format_dollars
from generations.permissions import SPENDERS

CACHE_SECONDS = 10
MAX_LISTED = 300
# From this usage on the composer shows what is left.
NEAR_LIMIT_PER_CENT = 90


@dataclass(frozen=True)
class BindingLimit:
    """The limit that would stop the user first; US dollars. `name` is for the middle of a sentence."""

    left: Decimal
    most: Decimal
    per_cent: int
    is_daily: bool
    name: str


@dataclass(frozen=True)
class ComposerLimits:
    """Sentences about limits that are exceeded or nearly used up, and the binding limit if there is one."""

    warnings: tuple[str, ...]
    binding: BindingLimit | None


def usages_of(rows: "QuerySet[Budget]") -> list[BudgetUsage]:
    """Return the usage of these limits, daily before monthly and the site's last, at most MAX_LISTED."""
    found = rows.select_related("team", "person", "collection", "set_by").order_by("by_site", "span", "pk")
    return [ledger.budget_usage(budget) for budget in found[:MAX_LISTED]]


def limits_of(team: Team) -> list[BudgetUsage]:
    """Return the usage of the team's limits."""
    return usages_of(Budget.objects.filter(team=team))


def limits_for_requests(team: Team, people: Iterable[int]) -> list[BudgetUsage]:
    """Return the usage of the team's limits and of those over all teams that apply to requests by these users."""
    over_all = Q(team=None) & (Q(person=None) | Q(person__in=set(people)))
    return usages_of(Budget.objects.filter(Q(team=team) | over_all))


def own_limits(team: Team, user: User) -> list[BudgetUsage]:
    """Return the usage of the limits that apply to the user's next picture, whatever its collection.

    The site's limit over all teams and users is included for superusers only, because its usage is not for others to
    see.
    """
    rows = ledger.budgets_for(team, people=[user.pk], collection_id=None)
    return usages_of(rows if user.is_superuser else rows.filter(Q(team=team) | Q(person=user)))


def lowest_month_limit(team: Team, person: User | None) -> Decimal | None:
    """Return the lowest monthly limit of the whole team, or of this user in it."""
    return _lowest(Budget.objects.filter(team=team, person=person)).get(team.pk)


def lowest_month_limits() -> dict[int | None, Decimal]:
    """Return the lowest monthly limit of each whole team by its id, and of all teams together under None."""
    return _lowest(Budget.objects.filter(person=None))


def composer_limits(team: Team, user: User, collection: uuid.UUID | None, *, changed: bool = False) -> ComposerLimits:
    """Return what the composer says about limits of requests into this collection, at most CACHE_SECONDS old.

    After a request of the user, which has `changed` them, they are read anew.
    """
    rows = ledger.budgets_for(team, people=[user.pk], collection_id=collection)
    key = f"composer-limits:{get_language()}:{team.pk}:{user.pk}:{collection or ''}"
    if changed:
        cache.delete(key)
    found: ComposerLimits | None = cache.get_or_set(key, lambda: _composer_limits(usages_of(rows), user), CACHE_SECONDS)
    return found or ComposerLimits((), None)


def binding_limit(usages: Iterable[BudgetUsage], reader: User) -> BindingLimit | None:
    """Return the hard limit with the least left, of those whose amounts the reader may see."""
    hard = [one for one in usages if one.budget.hard is not None and one.is_open_to(reader)]
    least = min(hard, key=lambda one: one.left, default=None)
    if least is None:
        return None
    name = ledger.limit_name(least.budget, reader)
    return BindingLimit(least.left, least.most, min(100, least.per_cent), least.budget.span == Span.DAY, name)


def limited_people(team: Team) -> list[Membership]:
    """Return the members for whom a limit can be set, by name."""
    rows = Membership.objects.filter(team=team, role__in=SPENDERS).select_related("user")
    return sorted(rows.order_by("pk")[:MAX_LISTED], key=lambda row: fold(row.user.display_name))


def _lowest(rows: "QuerySet[Budget]") -> dict[int | None, Decimal]:
    found: dict[int | None, Decimal] = {}
    for one in rows.filter(collection=None, span=Span.MONTH):
        amount = one.hard if one.hard is not None else one.soft
        if amount is not None:
            found[one.team_id] = min(amount, found.get(one.team_id, amount))
    return found


def _composer_limits(usages: list[BudgetUsage], reader: User) -> ComposerLimits:
    said = (warning(usage, reader) for usage in usages)
    return ComposerLimits(tuple(filter(None, said)), binding_limit(usages, reader))


def warning(usage: BudgetUsage, reader: User) -> str:
    """Return a sentence if the limit is exceeded or nearly used up, else an empty text.

    Readers who may not see the limit's amounts get a sentence without them, and only about a hard limit.
    """
    hard, soft = usage.budget.hard, usage.budget.soft
    is_open = usage.is_open_to(reader)
    if hard is not None and usage.used * 100 >= hard * NEAR_LIMIT_PER_CENT:
        return what_is_left(usage, reader) if is_open else _near_the_end_of_all(usage, hard)
    if is_open and soft is not None and usage.is_above_soft:
        text = (
            _(
                "%(used)s was spent or reserved today, above the %(amount)s warning for %(limit)s. Requests still "
                "go through."
            )
            if usage.budget.span == Span.DAY
            else _(
                "%(used)s was spent or reserved this month, above the %(amount)s warning for %(limit)s. Requests "
                "still go through."
            )
        )
        said = {"used": format_dollars(usage.used), "amount": format_amount(soft)}
        return text % {**said, "limit": ledger.limit_name(usage.budget, reader)}
    return ""


def what_is_left(usage: BudgetUsage, reader: User) -> str:
    """Return what is left of a limit and when it resets, as two sentences."""
    text = (
        _("Only %(left)s of %(limit)s (%(amount)s) is left. %(resets)s")
        if usage.left
        else _("None of %(limit)s (%(amount)s) is left. %(resets)s")
    )
    said = {"left": format_dollars(usage.left), "amount": format_amount(usage.most), "resets": usage.resets}
    return text % {**said, "limit": ledger.limit_name(usage.budget, reader)}


def _near_the_end_of_all(usage: BudgetUsage, hard: Decimal) -> str:
    if usage.used >= hard:
        return _("A limit across all teams is used up. Ask a site admin to raise it.")
    return _("A limit across all teams is nearly used up. Ask a site admin to raise it.")
