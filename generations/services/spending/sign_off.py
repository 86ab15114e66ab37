"""Sign-off of a month: its figures become final, and the ledger accepts no more entries in it."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations.errors import GalleryError, NotReadyForSignOff, OutcomesUnknown
from generations.models import AuditAction, LedgerEntry, SignOff, Team, User, format_dollars, name_in, uuid7_min
from generations.permissions import Verb, require_verb
from generations.queries.spending.review import Period, Scope, entries, sum_of_entries
from generations.queries.spending.statement import Statement, breakdowns_in, statement_of, unknown_outcomes_in
from generations.services.site import audit
from generations.services.site.csv_lines import csv_cell, csv_head, csv_line
from generations.services.site.site_language import site_language
from generations.services.teams.members import locked

# A transaction that began before midnight may still write entries with ids from before midnight.
GRACE = timedelta(hours=1)
MAX_NOTE_LENGTH = 1000
logger = logging.getLogger(__name__)


@transaction.atomic
def sign_off(*, actor: User, team: Team, month: Period, note: str = "", despite_doubts: bool = False) -> SignOff:
    """Sign off a month; the statement is stored with it.

    Raises NotAllowed, NotReadyForSignOff, GalleryError when the note is too long, and OutcomesUnknown unless the user
    accepts (`despite_doubts`) that the charges of unknown outcomes will be posted in a later month.
    """
    require_verb(actor, team, Verb.REVIEW)
    note = _statement(note)
    locked(team)
    if reason := blocking_reason(team, month):
        raise NotReadyForSignOff(reason)
    doubts = unknown_outcomes_in(team, month).count()
    if doubts and not despite_doubts:
        raise OutcomesUnknown(unknown_outcomes_sentence(doubts, month))
    with site_language():
        statement = statement_of(team, month)
    _require_agreement(team, month, statement)
    row = SignOff.objects.create(
        team=team, month=month.first, until=uuid7_min(month.until), signed_by=actor, note=note,
        spent=Decimal(statement["spent"]), entries=statement["entries"], statement=statement,
    )  # fmt: skip
    audit.record_event(AuditAction.SIGNED_OFF, actor=actor, subject=row, team=team, detail=f"{month.first:%Y-%m}")
    return row


def _require_agreement(team: Team, month: Period, statement: Statement) -> None:
    """Reject a statement whose figures, mostly sums of daily totals, differ from the entries in any digit."""
    whole = sum_of_entries(entries(Scope(team), month))
    sums = {by: sum((Decimal(line["spent"]) for line in lines), Decimal(0)) for by, lines in statement["by"].items()}
    if wrong := [by for by, spent in {"all": Decimal(statement["spent"]), **sums}.items() if spent != whole]:
        logger.error("team %s, %s: not the ledger's $%s: %s", team.pk, statement["month"], whole, ", ".join(wrong))
        text = _(
            "The entries for %(month)s add up to %(amount)s, but the daily totals don't match. Nothing was signed off. "
            "Ask a site admin to rebuild the totals (manage.py rebuild_spending)."
        )
        raise NotReadyForSignOff(text % {"month": _month(month), "amount": format_dollars(whole)})


def blocking_reason(team: Team, month: Period) -> str:
    """Return why the month cannot be signed off, now or ever, as a sentence; empty when it can."""
    signed = signed_month(team, month.first)
    if signed is not None:
        named = {"month": _month(month), "name": signer(signed), "moment": _moment(signed.signed_at)}
        return _("%(name)s already signed off %(month)s on %(moment)s.") % named
    opens = month.until + GRACE
    if timezone.now() < opens:
        named = {"month": _month(month), "moment": _moment(opens)}
        return _("%(month)s isn't over yet. You can sign it off from %(moment)s.") % named
    inside = {"id__gte": uuid7_min(month.since), "id__lt": uuid7_min(month.until)}
    if team.created_at >= month.until and not LedgerEntry.objects.filter(team=team, **inside).exists():
        named = {"month": _month(month), "team": team.name}
        return _("%(team)s didn't exist in %(month)s, so there is nothing to sign off.") % named
    return ""


def unknown_outcomes_sentence(count: int, month: Period) -> str:
    """Return a sentence about the month's unknown outcomes and what signing despite them means."""
    return ngettext(
        "The cost of %(count)s call in %(month)s isn't known yet. Resolve it first, or sign off anyway: any later "
        "charge is booked in the month it becomes known.",
        "The cost of %(count)s calls in %(month)s isn't known yet. Resolve them first, or sign off anyway: any later "
        "charge is booked in the month it becomes known.",
        count,
    ) % {"count": number_format(count, force_grouping=True), "month": date_format(month.first, "F")}


def signed_month(team: Team, first: date) -> SignOff | None:
    """Return the sign-off of the month that begins on `first`, or None."""
    return SignOff.objects.filter(team=team, month=first).select_related("signed_by").first()


def signed_months(team: Team) -> list[SignOff]:
    """Return the team's sign-offs without their statements, the newest first."""
    return list(SignOff.objects.filter(team=team).select_related("signed_by").defer("statement").order_by("-month"))


def signer(row: SignOff) -> str:
    """Return the name of the user who signed."""
    return name_in(row, "signed_by")


def statement_file(row: SignOff) -> Iterator[bytes]:
    """Stream the statement as CSV: the total first, then each breakdown; user text is quoted for spreadsheets.

    Every line has the signer and the time, so that lines which are sorted, cut out or combined with another month still
    show them. The note is on the first line only, because on every line it would bury the figures.
    """
    statement: Statement = row.statement
    head = [statement["team"], statement["month"], statement["zone"]]
    signed = [csv_cell(signer(row)), f"{row.signed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"]
    yield csv_head(["breakdown", "name", "paid_calls", "spent_usd", "signed_by", "signed_at", "note"])
    whole = " · ".join(str(one) for one in head)
    yield csv_line(["all", csv_cell(whole), statement["charges"], statement["spent"], *signed, csv_cell(row.note)])
    for by in breakdowns_in(statement):
        for line in statement["by"][by]:
            name = line["key"] if by == "day" else line["name"]
            yield csv_line([by, csv_cell(name), line["charges"], line["spent"], *signed, ""])


def _statement(note: str) -> str:
    note = note.replace("\0", "").strip()
    if len(note) > MAX_NOTE_LENGTH:
        lengths = {"length": len(note), "most": MAX_NOTE_LENGTH}
        raise GalleryError(_("The note has %(length)s characters; the maximum is %(most)s. Shorten it.") % lengths)
    return note


def _moment(moment: datetime) -> str:
    local = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return f"{local} ({timezone.get_default_timezone_name()})"


def _month(month: Period) -> str:
    return date_format(month.first, "YEAR_MONTH_FORMAT")
