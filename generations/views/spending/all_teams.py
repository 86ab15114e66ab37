"""The spending of all teams side by side; for superusers."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations.access import superuser_or_404
from generations.forms.credits import MONTH, ReviewQuery, review_query_from
from generations.models import Budget, Span, Team, User
from generations.queries.spending.review import BreakdownRow, Period, Scope, month_around, spent_by, today
from generations.queries.spending.review.held import reserved_by_team
from generations.queries.spending.review.period import ONE_DAY
from generations.views.site.formatting import dollars
from generations.views.spending.charts import shares
from generations.views.spending.review_context import period_name, zone_name

ZERO = Decimal(0)


@require_safe
def all_teams(request: HttpRequest) -> HttpResponse:
    """Show one month; the page contains nothing about a single picture."""
    user = superuser_or_404(request)
    month = month_around(review_query_from({"month": request.GET.get("month", "")}, usual="person").period.first)
    lines = {one.key: one for one in spent_by(Scope(), month, "team")}
    held = reserved_by_team()
    teams = list(Team.objects.exclude(pk__in=Team.objects.closed()).order_by("name", "pk"))
    budgets = _budgets()
    total = sum((one.spent for one in lines.values()), ZERO)
    spent = [lines[str(team.pk)].spent if str(team.pk) in lines else ZERO for team in teams]
    mine = set(Team.objects.visible_to(user).values_list("pk", flat=True))
    rows = [
        {
            **_row(team, lines.get(str(team.pk)), month, total, share),
            "held": dollars(held.get(team.pk, ZERO)),
            "budget": dollars(budgets.get(team.pk), places=2) or "—",
            "url": _url(team, user, month, is_hers=team.pk in mine),
        }
        for team, share in zip(teams, shares(spent), strict=True)
    ]
    context: dict[str, Any] = {
        "rows": rows,
        "total": dollars(total),
        "charges": f"{sum(one.charges for one in lines.values()):,}",
        "held": dollars(sum(held.values(), ZERO)),
        "budget": dollars(budgets.get(None), places=2) or "—",
        "limits_url": reverse("admin:generations_sitelimit_changelist"),
        "months": _months(month),
        "zone": zone_name(),
    }
    return render(request, "spending/all_teams.html", context)


def _row(team: Team, line: BreakdownRow | None, month: Period, total: Decimal, share: str) -> dict[str, Any]:
    spent, charges = (line.spent, line.charges) if line else (ZERO, 0)
    so_far = month.so_far
    return {
        "name": team.name,
        "spent": dollars(spent),
        "charges": f"{charges:,}",
        "pace": dollars(spent / so_far.length if so_far else ZERO),
        "per_cent": f"{round(spent * 100 / total) if total > 0 else 0} %",
        "share": share,
    }


def _url(team: Team, user: User, month: Period, *, is_hers: bool) -> str:
    """Return the team's credits, or its admin page: a superuser is not a member of every team."""
    if is_hers:
        return reverse("credits", args=[team.slug]) + ReviewQuery(month, MONTH, "").query()
    return reverse("admin:generations_team_change", args=[team.pk])


def _budgets() -> dict[int | None, Decimal]:
    """Return the lowest monthly limit of each whole team, and of all teams together under None."""
    found: dict[int | None, Decimal] = {}
    for one in Budget.objects.filter(person=None, collection=None, span=Span.MONTH):
        most = one.hard if one.hard is not None else one.soft
        if most is not None:
            found[one.team_id] = min(most, found.get(one.team_id, most))
    return found


def _months(month: Period) -> dict[str, str]:
    after = month_around(month.last + ONE_DAY)
    now = month_around(today())
    return {
        "name": period_name(month),
        "earlier": f"?month={month.before.first:%Y-%m}",
        "earlier_name": f"{month.before.first:%B}",
        "later": "" if month == now else f"?month={after.first:%Y-%m}",
        "later_name": f"{after.first:%B}",
    }
