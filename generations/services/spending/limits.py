"""Set spending limits of a team, a member or a collection, the approval threshold, and quotas."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

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
        soft, hard = (None if one is None else format_amount(one) for one in (self.soft, self.hard))
        warning = _("warning at %(amount)s") % {"amount": soft} if soft else ""
        limit = _("limit %(amount)s") % {"amount": hard} if hard else ""
        return ", ".join(part for part in (warning, limit) if part)


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
        text = (
            _("%(name)s already has a daily limit. Change that one instead.")
            if span == Span.DAY
            else _("%(name)s already has a monthly limit. Change that one instead.")
        )
        raise InvalidLimit(text % {"name": budget.subject}, field="span") from None


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
    said = _detail(budget, LimitAmounts(budget.soft, budget.hard))
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
        raise InvalidLimit(
            _("The amount can't be negative. Enter 0 to require approval for every request."), field="above"
        )
    Team.objects.filter(pk=team.pk).update(approval_above=above)
    with translation.override("en"):  # as the audit log
        said = "off" if above is None else f"requests above {format_amount(above)}"
    audit.record_event(AuditAction.SET_APPROVAL, actor=actor, subject=team, team=team, detail=said)


@transaction.atomic
def set_quotas(*, actor: User, team: Team, in_flight: int | None, per_minute: int | None) -> None:
    """Set how many pictures each user may have in progress and generate in a minute; None for the site's maximum.

    Raises NotAllowed and InvalidLimit.
    """
    require_verb(actor, team, Verb.LIMIT)
    for field, number, most in (("in_flight", in_flight, MAX_IN_FLIGHT), ("per_minute", per_minute, MAX_PER_MINUTE)):
        if number is not None and not 1 <= number <= most:
            named = {"number": number, "most": number_format(most, force_grouping=True)}
            raise InvalidLimit(_("%(number)s isn't a number from 1 to %(most)s.") % named, field=field)
    Team.objects.filter(pk=team.pk).update(person_in_flight=in_flight, person_per_minute=per_minute)
    said = f"per person: {in_flight or '∞'} in progress, {per_minute or '∞'} a minute"
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
        detail=_detail(budget, limits) + (" (site limit)" if budget.by_site else ""),
    )  # fmt: skip
    return budget


@translation.override("en")
def _detail(budget: Budget, limits: LimitAmounts) -> str:
    """Return what the audit log says, in English; with the subject's id, because the log holds no names."""
    if budget.person_id:
        subject = f"user {budget.person_id}"
    else:
        subject = f"collection {budget.collection_id}" if budget.collection_id else "team"
    return f"{subject}, {'per day' if budget.span == Span.DAY else 'per month'}: {limits}"


def _require(actor: User, budget: Budget) -> None:
    if budget.by_site and not actor.is_superuser:
        raise NotAllowed(_("This limit was set by a site admin. Ask a site admin to change it."))
    if not may_change_limit(actor, budget):
        raise NotAllowed(_("Only team owners can set limits. Ask an owner."))


def _require_of_team(budget: Budget) -> None:
    if budget.by_site and (budget.person or budget.collection):
        raise InvalidLimit(
            _("Limits set by the site apply to whole teams. Remove the person or collection."), field="span"
        )
    if budget.person and not Membership.objects.filter(team=budget.team, user=budget.person).exists():
        name = budget.person.display_name
        raise InvalidLimit(_("%(name)s is no longer in the team.") % {"name": name}, field="person")
    if budget.collection and budget.collection.team_id != budget.team_id:
        raise InvalidLimit(_("That collection no longer exists."), field="collection")


def require_sense(limits: LimitAmounts) -> None:
    """Reject amounts that are missing, negative, or in the wrong order. Raises InvalidLimit."""
    soft, hard = limits.soft, limits.hard
    if soft is None and hard is None:
        raise InvalidLimit(_("Enter a limit, a warning amount, or both."), field="hard")
    for field, amount in {"soft": soft, "hard": hard}.items():
        if amount is not None and amount < 0:
            raise InvalidLimit(_("The amount can't be negative. The minimum is 0."), field=field)
    if soft is not None and hard is not None and soft > hard:
        text = _("The warning (%(soft)s) is above the limit (%(hard)s). Enter a lower amount, or leave it empty.")
        raise InvalidLimit(text % {"soft": format_amount(soft), "hard": format_amount(hard)}, field="soft")


def _require_within_the_sites(budget: Budget, limits: LimitAmounts) -> None:
    """Reject amounts above the site's limit; a daily limit may not exceed the site's monthly limit either."""
    spans = Q(span=budget.span) | Q(span=Span.MONTH)
    sites = Budget.objects.filter(spans, team=budget.team, by_site=True, hard__isnull=False).order_by("hard")
    least = sites.first()
    if least is None or least.hard is None:
        return
    for field, amount in {"hard": limits.hard, "soft": limits.soft}.items():
        if amount is not None and amount > least.hard:
            text = (
                _(
                    "%(amount)s is above the site's daily limit for %(team)s (%(most)s). Enter that or less, or ask "
                    "a site admin to raise it."
                )
                if least.span == Span.DAY
                else _(
                    "%(amount)s is above the site's monthly limit for %(team)s (%(most)s). Enter that or less, or ask "
                    "a site admin to raise it."
                )
            )
            named = {"amount": format_amount(amount), "team": budget.team, "most": format_amount(least.hard)}
            raise InvalidLimit(text % named, field=field)
