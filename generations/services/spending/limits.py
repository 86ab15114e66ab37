"""Set spending limits of a team, a member or a collection, the approval threshold, and quotas."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from generations import ledger
from generations.errors import InvalidLimit, NotAllowed
from generations.models import AuditAction, Budget, Collection, Membership, Span, Team, User, format_amount
from generations.permissions import Verb, may_change_limit, require_verb
from generations.services.orders.quotas import MAX_IN_FLIGHT, MAX_PER_MINUTE
from generations.services.site import audit


@dataclass(frozen=True)
class LimitAmounts:
    """Amounts in US dollars: above `soft` users are notified, at `hard` requests are rejected; None for neither."""

    soft: Decimal | None
    hard: Decimal | None

    def __str__(self) -> str:
        told = f"warns above {format_amount(self.soft)}" if self.soft is not None else ""
        stopped = f"stops at {format_amount(self.hard)}" if self.hard is not None else ""
        return ", ".join(part for part in (told, stopped) if part)


@transaction.atomic
def add(
    *, actor: User, team: Team, span: Span, limits: LimitAmounts, person: User | None = None,
    collection: Collection | None = None, by_site: bool = False,
) -> Budget:  # fmt: skip
    """Add a limit.

    Raises NotAllowed, and InvalidLimit when the amounts do not fit or there is one for the same subject and span.
    """
    budget = Budget(team=team, person=person, collection=collection, span=span, by_site=by_site)
    _require(actor, budget)
    _require_of_team(budget)
    try:
        with transaction.atomic():
            return _write(actor, budget, limits)
    except IntegrityError:
        raise InvalidLimit(
            f"There is a limit by the {span.value} for {ledger.subject_of(budget)} already. Change that one.",
            field="span",
        ) from None


@transaction.atomic
def change(*, actor: User, budget: Budget, limits: LimitAmounts) -> Budget:
    """Change a limit; queued and running pictures continue even if the new limit is below what they hold.

    Raises NotAllowed, InvalidLimit, and Budget.DoesNotExist when it was removed in the meantime.
    """
    locked = Budget.objects.select_for_update(of=["self"]).select_related("team", "person", "collection")
    found = locked.get(pk=budget.pk)
    _require(actor, found)
    return _write(actor, found, limits)


@transaction.atomic
def remove(*, actor: User, budget: Budget) -> bool:
    """Remove a limit; return False if it was removed in the meantime. Raises NotAllowed."""
    _require(actor, budget)
    said = f"{_of(budget)}, {budget.span}: {LimitAmounts(budget.soft, budget.hard)}"
    gone, _ = Budget.objects.filter(pk=budget.pk).delete()
    if gone:
        audit.record_event(AuditAction.REMOVED_LIMIT, actor=actor, subject=budget, team=budget.team, detail=said)
    return bool(gone)


@transaction.atomic
def set_approval(*, actor: User, team: Team, above: Decimal | None) -> None:
    """Set the price in US dollars above which a request needs approval; None for no approvals.

    Raises NotAllowed and InvalidLimit.
    """
    require_verb(actor, team, Verb.LIMIT)
    if above is not None and above < 0:
        raise InvalidLimit("An order cannot cost less than nothing; write 0 to see every order first.", field="above")
    Team.objects.filter(pk=team.pk).update(approval_above=above)
    said = "no order waits" if above is None else f"orders above {format_amount(above)} wait"
    audit.record_event(AuditAction.SET_APPROVAL, actor=actor, subject=team, team=team, detail=said)


@transaction.atomic
def set_quotas(*, actor: User, team: Team, in_flight: int | None, per_minute: int | None) -> None:
    """Set how many pictures each user may have in progress and generate in a minute; None for the site's maximum.

    Raises NotAllowed and InvalidLimit.
    """
    require_verb(actor, team, Verb.LIMIT)
    for field, number, most in (("in_flight", in_flight, MAX_IN_FLIGHT), ("per_minute", per_minute, MAX_PER_MINUTE)):
        if number is not None and not 1 <= number <= most:
            raise InvalidLimit(f"{number} is not a number from 1 to {most:,}.", field=field)
    Team.objects.filter(pk=team.pk).update(person_in_flight=in_flight, person_per_minute=per_minute)
    said = f"each person: {in_flight or 'any number'} on the way, {per_minute or 'any number'} a minute"
    audit.record_event(AuditAction.SET_LIMIT, actor=actor, subject=team, team=team, detail=said)


def _write(actor: User, budget: Budget, limits: LimitAmounts) -> Budget:
    require_sense(limits)
    if not budget.by_site:
        _require_within_the_sites(budget, limits)
    budget.soft, budget.hard = limits.soft, limits.hard
    budget.set_by, budget.set_at = actor, Now()
    budget.save()
    audit.record_event(
        AuditAction.SET_LIMIT, actor=actor, subject=budget, team=budget.team,
        detail=f"{_of(budget)}, {budget.span}: {limits}{', by the site' if budget.by_site else ''}",
    )  # fmt: skip
    return budget


def _of(budget: Budget) -> str:
    """Return the limit's subject by id, because the audit trail holds no names."""
    if budget.person_id:
        return f"user {budget.person_id}"
    return f"collection {budget.collection_id}" if budget.collection_id else "team"


def _require(actor: User, budget: Budget) -> None:
    if budget.by_site and not actor.is_superuser:
        raise NotAllowed("This limit is set by the people who run this site. Ask them to change it.")
    if not may_change_limit(actor, budget):
        raise NotAllowed("Limits are set by the owners of the team. Ask one of them.")


def _require_of_team(budget: Budget) -> None:
    if budget.by_site and (budget.person or budget.collection):
        raise InvalidLimit("The people who run this site limit whole teams; this one is of a part.", field="span")
    if budget.person and not Membership.objects.filter(team=budget.team, user=budget.person).exists():
        raise InvalidLimit(f"{budget.person.display_name} is not in the team any more.", field="person")
    if budget.collection and budget.collection.team_id != budget.team_id:
        raise InvalidLimit("That collection is not there any more.", field="collection")


def require_sense(limits: LimitAmounts) -> None:
    """Reject amounts that are missing, negative, or in the wrong order. Raises InvalidLimit."""
    soft, hard = limits.soft, limits.hard
    if soft is None and hard is None:
        raise InvalidLimit("Write an amount here, or above from where people are to be told.", field="hard")
    for field, amount in {"soft": soft, "hard": hard}.items():
        if amount is not None and amount < 0:
            raise InvalidLimit(f"−{format_amount(-amount)} is less than nothing; 0 is the least.", field=field)
    if soft is not None and hard is not None and soft > hard:
        raise InvalidLimit(
            f"{format_amount(soft)} would never be passed, since orders stop at {format_amount(hard)}. "
            "Write less, or nothing.",
            field="soft",
        )


def _require_within_the_sites(budget: Budget, limits: LimitAmounts) -> None:
    """Reject amounts above the site's limit; a daily limit may not exceed the site's monthly limit either."""
    spans = Q(span=budget.span) | Q(span=Span.MONTH)
    sites = Budget.objects.filter(spans, team=budget.team, by_site=True, hard__isnull=False).order_by("hard")
    least = sites.first()
    if least is None or least.hard is None:
        return
    for field, amount in {"hard": limits.hard, "soft": limits.soft}.items():
        if amount is not None and amount > least.hard:
            raise InvalidLimit(
                f"{format_amount(amount)} is more than the {format_amount(least.hard)} a {least.span} that the people "
                f"who run this site allow {budget.team}. Write at most that, or ask them to raise it.",
                field=field,
            )
