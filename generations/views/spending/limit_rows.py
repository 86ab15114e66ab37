"""A limit as the pages show it: its usage as a bar and in words; and the limits of the user."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.ledger import BudgetUsage
from generations.models import Span, Team, User, format_amount, typed_amount
from generations.queries.spending.limits import own_limits
from generations.views.site.formatting import exact_dollars, last_day, percent, pictures, total_dollars

FULL_PER_CENT = 100


# (by the day, over all teams)
TITLES = {
    (True, False): gettext_lazy("%(name)s · daily"),
    (False, False): gettext_lazy("%(name)s · monthly"),
    (True, True): gettext_lazy("%(name)s · daily, across all teams"),
    (False, True): gettext_lazy("%(name)s · monthly, across all teams"),
}


@dataclass(frozen=True)
class LimitFact:
    """A part of what is used of a limit; `exact` is the whole amount, empty for what is no amount."""

    text: str
    exact: str = ""


@dataclass(frozen=True)
class LimitRow:
    id: int
    # Such as `Alice · monthly`.
    title: str
    soft: str
    hard: str
    # As the form fields show them.
    soft_value: str
    hard_value: str
    facts: list[LimitFact]
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
        title=_title(usage, whose),
        soft=format_amount(budget.soft) if budget.soft is not None else "",
        hard=format_amount(budget.hard) if budget.hard is not None else "",
        soft_value=typed_amount(budget.soft),
        hard_value=typed_amount(budget.hard),
        facts=_facts(usage),
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


def quota_of_person(team: Team) -> str:
    """Return how many pictures each member can generate, as a sentence; empty when the team has no such quota."""
    in_flight, per_minute = _quotas(team)
    if in_flight and per_minute:
        text = _("Each person can have %(in_flight)s in progress and generate %(per_minute)s a minute.")
    elif in_flight:
        text = _("Each person can have %(in_flight)s in progress.")
    else:
        text = _("Each person can generate %(per_minute)s a minute.") if per_minute else ""
    return text % {"in_flight": in_flight, "per_minute": per_minute}


def quota_of_reader(team: Team) -> str:
    """Return the same sentence, for the member who reads it."""
    in_flight, per_minute = _quotas(team)
    if in_flight and per_minute:
        text = _("You can have %(in_flight)s in progress and generate %(per_minute)s a minute.")
    elif in_flight:
        text = _("You can have %(in_flight)s in progress.")
    else:
        text = _("You can generate %(per_minute)s a minute.") if per_minute else ""
    return text % {"in_flight": in_flight, "per_minute": per_minute}


def _quotas(team: Team) -> tuple[str, str]:
    in_flight, per_minute = team.person_in_flight, team.person_per_minute
    return pictures(in_flight) if in_flight else "", pictures(per_minute) if per_minute else ""


def build_own_limits(user: User, team: Team, *, reviews: bool) -> OwnLimits:
    """Return the user's own limits and those of the team.

    Users who review spending see the limits of the team on the page of limits, and here only those over all teams.
    """
    found = sorted(own_limits(team, user), key=lambda one: one.budget.person_id is None)
    shown = [one for one in found if one.budget.is_over_all_teams or not reviews]
    lines = [limit_row(one, whose=_("You") if one.budget.person_id else "") for one in shown]
    return OwnLimits(lines, "" if reviews else quota_of_reader(team))


def _title(usage: BudgetUsage, whose: str) -> str:
    budget = usage.budget
    text = TITLES[budget.span == Span.DAY, budget.is_over_all_teams and budget.person_id is not None]
    return str(text) % {"name": whose or budget.subject}


def _facts(usage: BudgetUsage) -> list[LimitFact]:
    def fact(text: str, amount: Decimal) -> LimitFact:
        return LimitFact(text % {"amount": total_dollars(amount)}, exact_dollars(amount))

    return [
        LimitFact(_("%(percent)s used") % {"percent": percent(usage.per_cent / 100)}),
        fact(_("%(amount)s spent"), usage.spent),
        *([fact(_("%(amount)s reserved"), usage.held)] if usage.held else []),
        fact(_("%(amount)s left"), usage.left),
    ]


def _state(usage: BudgetUsage) -> tuple[str, str]:
    if usage.budget.hard is not None and usage.used >= usage.budget.hard:
        return "bad", _("Limit reached: new requests are refused.")
    if usage.is_above_soft:
        return "warning", _("Above the warning amount.")
    return "good", ""


def _tick(usage: BudgetUsage) -> int:
    soft, hard = usage.budget.soft, usage.budget.hard
    return int(soft * FULL_PER_CENT / hard) if soft is not None and hard else 0


def _resets(usage: BudgetUsage) -> str:
    if usage.budget.span == Span.DAY:
        return _("Resets at midnight (%(zone)s).") % {"zone": timezone.get_current_timezone_name()}
    return _("Resets on %(day)s.") % {"day": date_format(timezone.localtime(usage.ends), "MONTH_DAY_FORMAT")}


def _set_by(usage: BudgetUsage) -> str:
    budget = usage.budget
    if budget.by_site:
        return _("Set by a site admin.")
    day = last_day(budget.set_at) if budget.set_at else ""
    if isinstance(budget.set_by, User):
        text = _("Set by %(name)s on %(day)s.") if day else _("Set by %(name)s.")
        return text % {"name": budget.set_by.display_name, "day": day}
    return _("Set on %(day)s by someone who left.") % {"day": day} if day else ""


def _review_url(usage: BudgetUsage) -> str:
    budget = usage.budget
    if budget.team is None or budget.collection_id is None:
        return ""
    pairs = {"by": "collection", "key": str(budget.collection_id)}
    when = {"when": "day"} if budget.span == Span.DAY else {}
    return f"{reverse('credits_entries', args=[budget.team.slug])}?{urlencode(when | pairs)}"
