"""A limit as the pages show it: its usage as a bar and in words; and the limits of the user."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from generations.ledger import BudgetUsage
from generations.models import Span, Team, User, format_amount
from generations.queries.spending.limits import own_limits
from generations.views.site.formatting import dollars, last_day

FULL_PER_CENT = 100


@dataclass(frozen=True)
class LimitRow:
    id: int
    # Such as `Alice, a month`.
    title: str
    soft: str
    hard: str
    # As the form fields show them.
    soft_value: str
    hard_value: str
    used: str
    spent: str
    held: str
    left: str
    per_cent: int
    # In per cent: the length of the bar, and the position of the warning; 0 when there is no warning.
    filled: int
    tick: int
    # good, warning or bad; the text says it too, because colour alone is not accessible.
    tone: str
    state: str
    resets: str
    by_site: bool
    set_by: str
    # The entries of a collection on this day or in this month; empty for people and teams.
    review_url: str
    changes: bool


@dataclass(frozen=True)
class OwnLimits:
    """The context of `_own_limits.html`. `pictures` is a sentence about the quota, empty without one."""

    lines: list[LimitRow]
    pictures: str

    def __bool__(self) -> bool:
        return bool(self.lines or self.pictures)


def limit_row(usage: BudgetUsage, *, whose: str = "", changes: bool = False) -> LimitRow:
    budget = usage.budget
    tone, state = _state(usage)
    return LimitRow(
        id=budget.pk,
        title=f"{whose or usage.subject}{usage.scope_suffix}, a {budget.span}",
        soft=format_amount(budget.soft) if budget.soft is not None else "",
        hard=format_amount(budget.hard) if budget.hard is not None else "",
        soft_value=typed_amount(budget.soft),
        hard_value=typed_amount(budget.hard),
        used=dollars(usage.used),
        spent=dollars(usage.spent),
        held=dollars(usage.held) if usage.held else "",
        left=dollars(usage.left),
        per_cent=usage.per_cent,
        filled=min(FULL_PER_CENT, usage.per_cent),
        tick=_tick(usage),
        tone=tone,
        state=state,
        resets=_resets(usage),
        by_site=budget.by_site,
        set_by=_set_by(usage),
        review_url=_review_url(usage),
        changes=changes,
    )


def quota_words(who: str, team: Team) -> str:
    """Return how many pictures a member may generate, as a sentence; empty when the team has no such quota."""
    in_flight, per_minute = team.person_in_flight, team.person_per_minute
    parts = [f"have {in_flight} picture{'' if in_flight == 1 else 's'} in progress"] if in_flight else []
    parts += [f"generate {per_minute} a minute"] if per_minute else []
    return f"{who} may {' and '.join(parts)}." if parts else ""


def build_own_limits(user: User, team: Team, *, reviews: bool) -> OwnLimits:
    """Return the user's own limits and those of the team.

    Users who review spending see the limits of the team on the page of limits, and here only those over all teams.
    """
    found = sorted(own_limits(team, user), key=lambda one: one.budget.person_id is None)
    shown = [one for one in found if one.budget.is_over_all_teams or not reviews]
    lines = [limit_row(one, whose="You" if one.budget.person_id else "") for one in shown]
    return OwnLimits(lines, "" if reviews else quota_words("You", team))


def _state(usage: BudgetUsage) -> tuple[str, str]:
    if usage.budget.hard is not None and usage.used >= usage.budget.hard:
        return "bad", "used up: nothing more is ordered"
    if usage.is_above_soft:
        return "warning", "above the warning amount"
    return "good", ""


def _tick(usage: BudgetUsage) -> int:
    soft, hard = usage.budget.soft, usage.budget.hard
    return int(soft * FULL_PER_CENT / hard) if soft is not None and hard else 0


def _resets(usage: BudgetUsage) -> str:
    if usage.budget.span == Span.DAY:
        return f"at midnight ({timezone.get_current_timezone_name()})"
    return usage.resets


def _set_by(usage: BudgetUsage) -> str:
    budget = usage.budget
    if budget.by_site:
        return "Set by the people who run this site"
    when = f" on {last_day(budget.set_at)}" if budget.set_at else ""
    if isinstance(budget.set_by, User):
        return f"Set by {budget.set_by.display_name}{when}"
    return f"Set{when} by someone who left" if when else ""


def _review_url(usage: BudgetUsage) -> str:
    budget = usage.budget
    if budget.team is None or budget.collection_id is None:
        return ""
    pairs = {"by": "collection", "key": str(budget.collection_id)}
    when = {"when": "day"} if budget.span == Span.DAY else {}
    return f"{reverse('credits_entries', args=[budget.team.slug])}?{urlencode(when | pairs)}"


def typed_amount(amount: Decimal | None) -> str:
    """Return an amount as the field of a form shows it; empty without one."""
    return "" if amount is None else format_amount(amount).replace("$", "").replace(",", "")
