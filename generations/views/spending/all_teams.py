"""The spending of all teams side by side; for superusers."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from generations.access import superuser_or_404
from generations.forms.credits import MONTH, ReviewQuery, review_query_from
from generations.models import Team
from generations.queries.spending.limits import lowest_month_limits
from generations.queries.spending.review import BreakdownRow, Period, Scope, month_around, spent_by, today
from generations.queries.spending.review.held import reserved_by_team
from generations.queries.spending.review.period import ONE_DAY
from generations.queries.teams.teams import open_teams, teams_of
from generations.views.site.formatting import dollars, exact_dollars, number, percent, total_dollars
from generations.views.site.rendering import render_page
from generations.views.spending.charts import shares
from generations.views.spending.review_context import period_name, zone_name

ZERO = Decimal(0)


@dataclass(frozen=True)
class TeamLine:
    name: str
    spent: str
    charges: str
    pace: str
    per_cent: str
    share: str
    held: str
    budget: str
    url: str


@dataclass(frozen=True)
class MonthBar:
    name: str
    earlier: str
    earlier_name: str
    later: str
    later_name: str


@dataclass(frozen=True)
class AllTeamsPage:
    rows: list[TeamLine]
    total: str
    headline: str
    exact: str
    charges: str
    held: str
    budget: str
    limits_url: str
    months: MonthBar
    zone: str


@require_safe
def all_teams(request: HttpRequest) -> HttpResponse:
    """Show one month; the page contains nothing about a single picture."""
    user = superuser_or_404(request)
    month = month_around(review_query_from({"month": request.GET.get("month", "")}, usual="person").period.first)
    lines = {one.key: one for one in spent_by(Scope(), month, "team")}
    held, budgets, teams = reserved_by_team(), lowest_month_limits(), open_teams()
    total = sum((one.spent for one in lines.values()), ZERO)
    of_teams = [lines.get(str(team.pk), BreakdownRow("", ZERO, 0)) for team in teams]
    own = {team.pk for team in teams_of(user)}
    rows = [
        TeamLine(
            name=team.name,
            spent=dollars(line.spent),
            charges=number(line.charges),
            pace=dollars(line.spent / month.so_far.length if month.so_far else ZERO),
            per_cent=percent(float(line.spent / total) if total > 0 else 0),
            share=share,
            held=dollars(held.get(team.pk, ZERO)),
            budget=dollars(budgets.get(team.pk), places=2) or "—",
            url=_url(team, month, is_own=team.pk in own),
        )
        for team, line, share in zip(teams, of_teams, shares([line.spent for line in of_teams]), strict=True)
    ]
    page = AllTeamsPage(
        rows=rows,
        total=dollars(total),
        headline=total_dollars(total),
        exact=exact_dollars(total),
        charges=number(sum(one.charges for one in lines.values())),
        held=dollars(sum(held.values(), ZERO)),
        budget=dollars(budgets.get(None), places=2) or "—",
        limits_url=reverse("admin:generations_sitelimit_changelist"),
        months=_months(month),
        zone=zone_name(),
    )
    return render_page(request, "spending/all_teams.html", page)


def _url(team: Team, month: Period, *, is_own: bool) -> str:
    """Return the team's credits, or its admin page: a superuser is not a member of every team."""
    if is_own:
        return reverse("credits", args=[team.slug]) + ReviewQuery(month, MONTH, "").query()
    return reverse("admin:generations_team_change", args=[team.pk])


def _months(month: Period) -> MonthBar:
    after = month_around(month.last + ONE_DAY)
    return MonthBar(
        name=period_name(month),
        earlier=f"?month={month.before.first:%Y-%m}",
        earlier_name=date_format(month.before.first, "F"),
        later="" if month == month_around(today()) else f"?month={after.first:%Y-%m}",
        later_name=date_format(after.first, "F"),
    )
