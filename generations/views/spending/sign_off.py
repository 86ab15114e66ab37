"""Signing a month off, and the list of signed months."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from generations.access import current_user, require, team_or_404
from generations.errors import GalleryError, NotAllowed
from generations.models import EntryType, LedgerEntry, SignOff, Team, User, uuid7_time
from generations.permissions import Verb
from generations.queries.spending.review import Period, month_around
from generations.queries.spending.statement import BREAKDOWNS, statement_of, unknown_outcomes_in
from generations.services.spending import sign_off as service
from generations.views.site.formatting import dollars
from generations.views.site.requests import refused_text, set_team

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
MAX_MONTHS = 60


@require_safe
def sign_offs(request: HttpRequest, team: str) -> HttpResponse:
    """List every past month since the first charge."""
    _, found = _entered(request, team)
    signed = {row.month: row for row in service.signed_months(found)}
    months = [{"first": first, "address": f"{first:%Y-%m}", **_signed(signed.get(first))} for first in _months(found)]
    return render(request, "spending/sign_off_list.html", {"team": found, "months": months})


@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request: HttpRequest, team: str, month: str) -> HttpResponse:
    """Show the figures on GET, signed or current ones; sign the month on POST."""
    user, found = _entered(request, team)
    period = _period(month)
    if request.method != "POST":
        return _page(request, found, period, typed=refused_text(request, request.path))
    typed, accepts = request.POST.get("note", ""), "despite_doubts" in request.POST
    try:
        service.sign_off(actor=user, team=found, month=period, note=typed, despite_doubts=accepts)
    except NotAllowed as error:
        raise PermissionDenied(error.message) from None
    except GalleryError as error:
        return _page(request, found, period, refused=error.message, typed=typed)
    messages.success(request, f"{period.first:%B %Y} is signed off. Later corrections stand in the month they come in.")
    return redirect("sign_off", found.slug, month)


@require_safe
def statement(request: HttpRequest, team: str, month: str) -> StreamingHttpResponse:
    """Return the signed statement as a file."""
    _, found = _entered(request, team)
    period = _period(month)
    row = service.signed_month(found, period.first)
    if row is None:
        raise Http404("This month is not signed off.")
    response = StreamingHttpResponse(service.statement_file(row), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.slug}-{month}-signed.csv"'
    return response


def _entered(request: HttpRequest, team: str) -> tuple[User, Team]:
    user = current_user(request)
    found = team_or_404(user, team)
    require(user, found, Verb.REVIEW)
    set_team(request, found)
    return user, found


def _period(month: str) -> Period:
    found = MONTH.fullmatch(month)
    if found is None:
        raise Http404
    return month_around(date(int(found[1]), int(found[2]), 1))


def _page(request: HttpRequest, team: Team, period: Period, *, refused: str = "", typed: str = "") -> HttpResponse:
    row = service.signed_month(team, period.first)
    doubts = 0 if row else unknown_outcomes_in(team, period).count()
    figures = row.statement if row else statement_of(team, period)
    context = {
        "team": team,
        "first": period.first,
        "address": f"{period.first:%Y-%m}",
        "signed": _signed(row),
        "objection": "" if row else service.blocking_reason(team, period),
        "doubts": service.unknown_outcomes_sentence(doubts, period) if doubts else "",
        "refused": refused,
        "typed": typed,
        "figures": _figures(figures),
        "tables": [_table(by, figures) for by in BREAKDOWNS],
        "zone": figures["zone"],
    }
    return render(request, "spending/sign_off.html", context, status=409 if refused else 200)


def _signed(row: SignOff | None) -> dict[str, Any]:
    """Return who signed; `who` is empty when nobody has."""
    if row is None:
        return {"who": ""}
    return {"who": service.signer(row), "at": row.signed_at, "note": row.note, "spent": dollars(row.spent)}


def _figures(statement: dict[str, Any]) -> list[dict[str, str]]:
    said = [
        ("Spent", dollars(Decimal(statement["spent"]))),
        ("Paid calls", f"{statement['charges']:,}"),
        ("Ledger entries", f"{statement['entries']:,}"),
        ("Failed but charged", dollars(Decimal(statement["failed"]))),
        ("Estimated", dollars(Decimal(statement["estimated"]), estimated=bool(Decimal(statement["estimated"])))),
        ("In doubt", f"{statement['in_doubt']:,}"),
    ]
    return [{"label": label, "value": value} for label, value in said]


def _table(by: str, statement: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {
            "name": line["name"],
            "charges": f"{line['charges']:,}".replace("-", "−"),
            "spent": dollars(Decimal(line["spent"])),
        }
        for line in statement["by"][by]
    ]
    return {"id": by, "title": BREAKDOWNS[by], "lines": lines, "spent": dollars(Decimal(statement["spent"]))}


def _months(team: Team) -> list[date]:
    """Return the months from the last past one back to that of the first charge."""
    charges = LedgerEntry.objects.filter(team=team, kind=EntryType.CHARGE).order_by("id")
    first = charges.values_list("id", flat=True).first()
    if first is None:
        return []
    begins = timezone.localdate(uuid7_time(first)).replace(day=1)
    month = timezone.localdate().replace(day=1)
    found: list[date] = []
    while month > begins and len(found) < MAX_MONTHS:
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found
