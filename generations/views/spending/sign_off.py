"""Signing a month off, and the list of signed months."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from generations.errors import GalleryError, NotAllowed
from generations.models import SignOff, Team
from generations.permissions import Verb
from generations.queries.spending.review import Period, month_around
from generations.queries.spending.statement import (
    BREAKDOWNS,
    Statement,
    StatementLine,
    breakdowns_in,
    day_of_month,
    past_months,
    statement_of,
    unknown_outcomes_in,
)
from generations.services.spending import sign_off as service
from generations.views.site.disposition import disposition
from generations.views.site.formatting import dollars, exact_dollars, number, total_dollars
from generations.views.site.rendering import render_page
from generations.views.site.requests import enter_team, refused_text

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
MAX_MONTHS = 60


@dataclass(frozen=True)
class Signature:
    who: str
    at: datetime
    note: str
    spent: str
    exact: str


@dataclass(frozen=True)
class MonthLine:
    first: date
    address: str
    signed: Signature | None


@dataclass(frozen=True)
class SignOffsPage:
    team: Team
    months: list[MonthLine]


@dataclass(frozen=True)
class StatementFigure:
    label: str
    value: str
    exact: str = ""


@dataclass(frozen=True)
class StatementRow:
    name: str
    charges: str
    spent: str


@dataclass(frozen=True)
class StatementTable:
    id: str
    title: str
    lines: list[StatementRow]
    spent: str


@dataclass(frozen=True)
class SignOffPage:
    """A month; `objection` says why it cannot be signed, `refused` why it was not, `doubts` what to accept first."""

    team: Team
    first: date
    address: str
    signed: Signature | None
    objection: str
    doubts: str
    refused: str
    typed: str
    figures: list[StatementFigure]
    tables: list[StatementTable]
    zone: str


@require_safe
def sign_offs(request: HttpRequest, team: str) -> HttpResponse:
    """List every past month since the first charge."""
    _, found = enter_team(request, team, Verb.REVIEW)
    signed = {row.month: row for row in service.signed_months(found)}
    months = [
        MonthLine(first, f"{first:%Y-%m}", _signature(signed.get(first))) for first in past_months(found, MAX_MONTHS)
    ]
    return render_page(request, "spending/sign_off_list.html", SignOffsPage(found, months))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request: HttpRequest, team: str, month: str) -> HttpResponse:
    """Show the figures on GET, signed or current ones; sign the month on POST."""
    user, found = enter_team(request, team, Verb.REVIEW)
    period = _period(month)
    if request.method != "POST":
        return _page(request, found, period, typed=refused_text(request, request.path))
    typed, accepts = request.POST.get("note", ""), "despite_doubts" in request.POST
    try:
        service.sign_off(actor=user, team=found, month=period, note=typed, despite_doubts=accepts)
    except NotAllowed:
        raise
    except GalleryError as error:
        return _page(request, found, period, refused=error.message, typed=typed)
    text = _("Signed off %(month)s. Later corrections appear in the month they're made.")
    messages.success(request, text % {"month": date_format(period.first, "YEAR_MONTH_FORMAT")})
    return redirect("sign_off", found.slug, month)


@require_safe
def statement(request: HttpRequest, team: str, month: str) -> StreamingHttpResponse:
    """Return the signed statement as a file."""
    _, found = enter_team(request, team, Verb.REVIEW)
    period = _period(month)
    row = service.signed_month(found, period.first)
    if row is None:
        raise Http404
    response = StreamingHttpResponse(service.statement_file(row), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = disposition(f"{found.slug}-{month}-signed.csv")
    return response


def _period(month: str) -> Period:
    found = MONTH.fullmatch(month)
    if found is None:
        raise Http404
    return month_around(date(int(found[1]), int(found[2]), 1))


def _page(request: HttpRequest, team: Team, period: Period, *, refused: str = "", typed: str = "") -> HttpResponse:
    row = service.signed_month(team, period.first)
    doubts = 0 if row else unknown_outcomes_in(team, period).count()
    figures: Statement = row.statement if row else statement_of(team, period)
    page = SignOffPage(
        team=team,
        first=period.first,
        address=f"{period.first:%Y-%m}",
        signed=_signature(row),
        objection="" if row else service.blocking_reason(team, period),
        doubts=service.unknown_outcomes_sentence(doubts, period) if doubts else "",
        refused=refused,
        typed=typed,
        figures=_figures(figures),
        tables=[_table(by, figures) for by in breakdowns_in(figures)],
        zone=figures["zone"],
    )
    return render_page(request, "spending/sign_off.html", page, status=409 if refused else 200)


def _signature(row: SignOff | None) -> Signature | None:
    if row is None:
        return None
    return Signature(service.signer(row), row.signed_at, row.note, total_dollars(row.spent), exact_dollars(row.spent))


def _figures(statement: Statement) -> list[StatementFigure]:
    spent, failed, estimated = (Decimal(statement[name]) for name in ("spent", "failed", "estimated"))
    return [
        StatementFigure(_("Spent"), total_dollars(spent), exact_dollars(spent)),
        StatementFigure(_("Paid pictures"), number(statement["charges"])),
        StatementFigure(_("Ledger entries"), number(statement["entries"])),
        StatementFigure(_("Failed but charged"), total_dollars(failed), exact_dollars(failed)),
        StatementFigure(_("Estimated"), total_dollars(estimated, estimated=bool(estimated)), exact_dollars(estimated)),
        StatementFigure(_("Outcome unknown"), number(statement["in_doubt"])),
    ]


def _table(by: str, statement: Statement) -> StatementTable:
    lines = [
        StatementRow(_name(by, line), number(line["charges"]).replace("-", "−"), dollars(Decimal(line["spent"])))
        for line in statement["by"][by]
    ]
    return StatementTable(by, str(BREAKDOWNS[by]), lines, dollars(Decimal(statement["spent"])))


def _name(by: str, line: StatementLine) -> str:
    """Return the stored name; days are named in the language of the reader."""
    return day_of_month(line["key"]) if by == "day" else line["name"]
