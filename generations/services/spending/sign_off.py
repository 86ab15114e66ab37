"""Sign-off of a month: its figures become final, and the ledger accepts no more entries in it."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from generations.errors import GalleryError, NotReadyForSignOff, OutcomesUnknown
from generations.models import AuditAction, LedgerEntry, SignOff, Team, User, name_in, uuid7_min
from generations.permissions import Verb, require_verb
from generations.queries.spending.review import Period, Scope, entries, sum_of_entries
from generations.queries.spending.statement import BREAKDOWNS, Statement, statement_of, unknown_outcomes_in
from generations.services.site import audit
from generations.services.site.csv_lines import csv_cell, csv_head, csv_line
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
        raise NotReadyForSignOff(
            f"The entries of {month.first:%B %Y} add up to ${whole:.4f}, and the sums of its days do not say so. "
            "Whoever runs the site has to make them again (manage.py rebuild_spending); nothing was signed."
        )


def blocking_reason(team: Team, month: Period) -> str:
    """Return why the month cannot be signed off, now or ever, as a sentence; empty when it can."""
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
    """Return a sentence about the month's unknown outcomes and what signing despite them means."""
    one = count == 1
    return (
        f"What {'one call' if one else f'{count} calls'} of {month.first:%B} cost is not known yet. Settle "
        f"{'it' if one else 'them'} first, or sign all the same: what {'it turns' if one else 'they turn'} out to cost "
        "then stands in the month in which it becomes known."
    )


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
    for by in BREAKDOWNS:
        for line in statement["by"][by]:
            name = line["key"] if by == "day" else line["name"]
            yield csv_line([by, csv_cell(name), line["charges"], line["spent"], *signed, ""])


def _statement(note: str) -> str:
    note = note.replace("\0", "").strip()
    if len(note) > MAX_NOTE_LENGTH:
        raise GalleryError(f"The note has {len(note)} characters, and {MAX_NOTE_LENGTH} is the most; shorten it.")
    return note


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.day} {local:%B %Y, %H:%M} ({timezone.get_default_timezone_name()})"
