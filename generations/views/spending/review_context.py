"""Shared by the pages of credits: who sees what, periods and dimensions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from generations.forms.credits import DAY, DAYS, MONTH, WEEK, ReviewQuery, review_query_from
from generations.models import Team, User
from generations.permissions import Verb, allows, role_of
from generations.queries.spending.review import DIMENSIONS, Period, Scope, month_around, today
from generations.queries.spending.review.period import ONE_DAY
from generations.views.site.requests import enter_team

TABS = {
    "person": gettext_lazy("Person"),
    "day": gettext_lazy("Day"),
    "size": gettext_lazy("Size"),
    "speed": gettext_lazy("Speed"),
    "collection": gettext_lazy("Collection"),
    "cost_centre": gettext_lazy("Cost centre"),
    "tag": gettext_lazy("Tag"),
    "prompt_group": gettext_lazy("Prompt"),
    "outcome": gettext_lazy("Outcome"),
}
OWN_DIMENSIONS = tuple(one for one in DIMENSIONS if one != "person")


@dataclass(frozen=True)
class ReviewTab:
    """A link; `on` marks the one of this page."""

    label: str
    url: str
    on: bool = False


@dataclass(frozen=True)
class PeriodBar:
    """What `_head.html` and `_period.html` show.

    `since` and `until` are the values of the form, `kept` the other parameters of the address.
    """

    name: str
    zone: str
    choices: list[ReviewTab]
    earlier: ReviewTab
    later: ReviewTab | None
    custom: bool
    since: str
    until: str
    error: str
    action: str
    kept: list[tuple[str, str]]


@dataclass(frozen=True)
class ReviewContext:
    """A user who reviews the spending of a team: of all members if `can_see_all`, else only their own."""

    user: User
    team: Team
    can_see_all: bool
    asked: ReviewQuery

    @property
    def scope(self) -> Scope:
        return Scope(self.team, None if self.can_see_all else self.user)

    @property
    def dimensions(self) -> tuple[str, ...]:
        return DIMENSIONS if self.can_see_all else OWN_DIMENSIONS

    def url(self, name: str = "credits", **more: str | None) -> str:
        return reverse(name, args=[self.team.slug]) + self.asked.query(**more)


def review_of(request: HttpRequest, slug: str) -> ReviewContext:
    user, team = enter_team(request, slug)
    can_see_all = allows(role_of(user, team), Verb.REVIEW)
    usual, groupings = ("person", DIMENSIONS) if can_see_all else ("prompt_group", OWN_DIMENSIONS)
    return ReviewContext(
        user, team, can_see_all, review_query_from(_plain(request.GET), usual=usual, groupings=groupings)
    )


def _plain(query: QueryDict) -> Mapping[str, str]:
    return {name: query.get(name, "") or "" for name in query}


def period_name(period: Period) -> str:
    """Return the period as a heading: November 2026; 3 November 2026; 28 October – 3 November 2026."""
    first, last = period.first, period.last
    if period.is_month:
        return date_format(first, "YEAR_MONTH_FORMAT")
    if first == last:
        return date_format(first, "DATE_FORMAT")
    if first.year != last.year:
        begins = date_format(first, "DATE_FORMAT")
    elif first.month != last.month:
        begins = date_format(first, "MONTH_DAY_FORMAT")
    else:
        begins = date_format(first, pgettext("date format: first day of a range within one month", "j"))
    return _("%(first)s – %(last)s") % {"first": begins, "last": date_format(last, "DATE_FORMAT")}


def zone_name() -> str:
    """Return in which time zone the days are, with its offset from UTC today: `Times in UTC`."""
    offset = timezone.localtime().strftime("%z")
    name = timezone.get_current_timezone_name()
    zone = name if name == "UTC" else f"{name} (UTC{offset[:3]}:{offset[3:]})"
    return _("Times in %(zone)s") % {"zone": zone}


def periods(review: ReviewContext, name: str, **more: str | None) -> PeriodBar:
    """Return the period bar of the page `name`; other parameters of its address are kept."""
    base = reverse(name, args=[review.team.slug])
    asked, now = review.asked, month_around(today())
    shown = asked.period if asked.choice == MONTH else now

    kept = {key: value for key, value in more.items() if value is not None}

    def to(**words: str) -> str:
        return base + ReviewQuery(now, MONTH, "").query(**words, **kept)

    after = shown.last + ONE_DAY
    return PeriodBar(
        name=period_name(asked.period),
        zone=zone_name(),
        choices=[
            ReviewTab(_("Today"), to(when=DAY), asked.choice == DAY),
            ReviewTab(_("7 days"), to(when=WEEK), asked.choice == WEEK),
            ReviewTab(_month(shown), to(**_of_month(shown)), asked.choice == MONTH),
        ],
        earlier=ReviewTab(_month(shown.before), to(month=f"{shown.before.first:%Y-%m}")),
        later=ReviewTab(date_format(after, "F"), to(**_of_month(month_around(after)))) if shown != now else None,
        custom=asked.choice == DAYS or bool(asked.error),
        since=asked.typed.get("from") or asked.period.first.isoformat(),
        until=asked.typed.get("to") or min(asked.period.last, today()).isoformat(),
        error=asked.error,
        action=base,
        kept=list(kept.items()),
    )


def short_day(day: date) -> str:
    return date_format(day, pgettext("date format", "D, j F"))


def _of_month(month: Period) -> dict[str, str]:
    return {} if month == month_around(today()) else {"month": f"{month.first:%Y-%m}"}


def _month(month: Period) -> str:
    return date_format(month.first, "F" if month.first.year == today().year else "YEAR_MONTH_FORMAT")
