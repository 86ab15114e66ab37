"""Signing a month off: its figures stand as they are, and the ledger takes no more entries in it."""

import csv
import io
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from generations.errors import GalleryError, NotReadyForSignOff, OutcomesUnknown
from generations.models import AuditAction, LedgerEntry, SignOff, Team, User, uuid7_min
from generations.permissions import Verb, require_verb
from generations.queries.spending.review import Period, Scope, entries, sum_of_entries
from generations.queries.spending.statement import BREAKDOWNS, statement_of, unknown_outcomes_in
from generations.services.generations.archives import csv_cell
from generations.services.site import audit
from generations.services.teams.members import locked

# What was begun before midnight may still be written with an id from before it.
GRACE = timedelta(hours=1)
MAX_NOTE_LENGTH = 1000
logger = logging.getLogger(__name__)


@transaction.atomic
def sign_off(*, actor: User, team: Team, month: Period, note: str = "", despite_doubts: bool = False) -> SignOff:
    """Raises NotAllowed, NotSignable, and InDoubt unless the person accepts that what is in doubt will stand in a
    later month.
    """
    require_verb(actor, team, Verb.REVIEW)
    note = _statement(note)
    locked(team)
    if reason := blocking_reason(team, month):
        raise NotReadyForSignOff(reason)
    doubts = unknown_outcomes_in(team, month).count()
    if doubts and not despite_doubts:
        raise OutcomesUnknown(unknown_outcomes_sentence(doubts, month))
    statement = statement_of(team, month)
    _require_agreement(team, month, statement)
    row = SignOff.objects.create(
        team=team, month=month.first, until=uuid7_min(month.until), signed_by=actor, note=note,
        spent=Decimal(statement["spent"]), entries=statement["entries"], statement=statement,
    )  # fmt: skip
    audit.record_event(AuditAction.SIGNED_OFF, actor=actor, subject=row, team=team, detail=f"{month.first:%Y-%m}")
    return row


def _require_agreement(team: Team, month: Period, statement: dict[str, Any]) -> None:
    """Most figures come from sums of days; what is signed has to be the entries' own, to the last digit."""
    whole = sum_of_entries(entries(Scope(team), month))
    sums = {by: sum((Decimal(line["spent"]) for line in lines), Decimal(0)) for by, lines in statement["by"].items()}
    if wrong := [by for by, spent in {"all": Decimal(statement["spent"]), **sums}.items() if spent != whole]:
        logger.error("team %s, %s: not the ledger's $%s: %s", team.pk, statement["month"], whole, ", ".join(wrong))
        raise NotReadyForSignOff(
            f"The entries of {month.first:%B %Y} add up to ${whole:.4f}, and the sums of its days do not say so. "
            "Whoever runs the site has to make them again (manage.py rebuild_spending); nothing was signed."
        )


def blocking_reason(team: Team, month: Period) -> str:
    """Why a month cannot be signed off, now or ever; empty when it can."""
    name = f"{month.first:%B %Y}"
    signed = signed_month(team, month.first)
    if signed is not None:
        return f"{name} is signed off already, by {signer(signed)} on {_moment(signed.signed_at)}."
    opens = month.until + GRACE
    if timezone.now() < opens:
        return f"{name} is not over. It can be signed off from {_moment(opens)} on."
    inside = {"id__gte": uuid7_min(month.since), "id__lt": uuid7_min(month.until)}
    if team.created_at >= month.until and not LedgerEntry.objects.filter(team=team, **inside).exists():
        return f"{team} was not there yet in {name}; there is nothing to sign off."
    return ""


def unknown_outcomes_sentence(count: int, month: Period) -> str:
    one = count == 1
    return (
        f"What {'one call' if one else f'{count} calls'} of {month.first:%B} cost is not known yet. Settle "
        f"{'it' if one else 'them'} first, or sign all the same: what {'it turns' if one else 'they turn'} out to cost "
        "then stands in the month in which it becomes known."
    )


def signed_month(team: Team, first: date) -> SignOff | None:
    return SignOff.objects.filter(team=team, month=first).select_related("signed_by").first()


def signed_months(team: Team) -> list[SignOff]:
    """Newest first."""
    return list(SignOff.objects.filter(team=team).select_related("signed_by").defer("statement").order_by("-month"))


def signer(row: SignOff) -> str:
    """Of a row that was read with whoever signed it: a person who was deleted is not there, her number stays."""
    return row.signed_by.display_name if row.signed_by else "someone who was deleted"


def statement_file(row: SignOff) -> Iterator[str]:
    """CSV: the whole first, then each breakdown. What people have typed is told as text to a spreadsheet.

    Every line says who signed and when, so that lines which are sorted, cut out or put below those of another month
    still say it. The note stands on the line of the whole: on each it would bury the figures.
    """
    statement = row.statement
    head = [statement["team"], statement["month"], statement["zone"]]
    signed = [csv_cell(signer(row)), f"{row.signed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"]
    yield _row("breakdown", "name", "paid_calls", "spent_usd", "signed_by", "signed_at", "note")
    whole = " · ".join(str(one) for one in head)
    yield _row("all", csv_cell(whole), statement["charges"], statement["spent"], *signed, csv_cell(row.note))
    for by in BREAKDOWNS:
        for line in statement["by"][by]:
            name = line["key"] if by == "day" else line["name"]
            yield _row(by, csv_cell(name), line["charges"], line["spent"], *signed, "")


def _row(*values: object) -> str:
    """Amounts are this site's own, and may begin with a minus: they are no `cell`."""
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _statement(note: str) -> str:
    note = note.replace("\0", "").strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise GalleryError(f"The note has {len(note)} characters, and {MAX_NOTE_LENGTH} is the most; shorten it.")
    return note


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B %Y, %H:%M} ({timezone.get_default_timezone_name()})"
