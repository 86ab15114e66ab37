"""What is known of an attempt that may have been charged, and the actions for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from generations.models import Attempt, Generation, State, User
from generations.permissions import Verb, allows, may_edit
from generations.services.generations.unknown_outcome import not_looked_up
from generations.views.site.formatting import dollars, exact_moment

SETTLED_BY_HAND = {State.UNKNOWN, State.DONE, State.FAILED}


@dataclass(frozen=True)
class Evidence:
    sentence: str
    reason: str
    request_id: str
    trouble: str


@dataclass(frozen=True)
class UnknownOutcome:
    """All unknown attempts of one picture.

    `attempt` is the latest one, which a retry has to name; `price` is the estimated cost of a retry.
    """

    title: str
    evidence: list[Evidence]
    attempt: str
    paid: bool
    price: str
    may_ask: bool
    may_retry: bool
    may_settle: bool
    trashed: bool


def no_details() -> tuple[str, str]:
    """Return headline and sentence for a picture whose attempts are not known."""
    return _("Outcome unknown"), _("It may have been charged, so we won't retry automatically.")


def sentence(attempt: Attempt) -> str:
    """Return what is certain about one unknown attempt, short enough for a card."""
    if is_paid(attempt):
        return _("Paid %(amount)s, but the picture wasn't delivered.") % {"amount": dollars(attempt.cost)}
    sent = _("Sent %(when)s.") % {"when": exact_moment(attempt.sent_at)} if attempt.sent_at else _("Sent earlier.")
    cost = _("It may have cost about %(amount)s.") % {"amount": dollars(attempt.estimate)}
    return f"{sent} {_came(attempt)} {cost}"


def _came(attempt: Attempt) -> str:
    if attempt.http_status:
        if 200 <= attempt.http_status < 300:
            return _("The provider's response was incomplete.")
        return _("The provider responded with error %(status)s.") % {"status": attempt.http_status}
    if not attempt.request_id:
        return _("No response.")
    # None: the worker that waited has died, so the elapsed time is unknown.
    if attempt.http_status is None:
        return _("The provider accepted it but didn't respond.")
    return _("The provider accepted it but didn't finish in time.")


def headline(attempt: Attempt) -> str:
    return _("Paid, not delivered") if is_paid(attempt) else _("Outcome unknown")


def is_paid(attempt: Attempt) -> bool:
    """Return whether the provider named the price, so the picture exists; an estimated cost was only posted for it."""
    return attempt.cost is not None and not attempt.cost_estimated


def unknown_outcome_of(
    row: Generation, attempts: Sequence[Attempt], viewer: User, role: str | None
) -> UnknownOutcome | None:
    """Return the open unknown attempts of a picture; None when none is open.

    `attempts` are its unknown attempts, the latest first. An attempt that was written off has a cost, and its picture
    another state. While another attempt runs or after it has brought the picture, the unknown attempt is only shown.
    When the other one has ended, it may be written off, because it still holds money.
    """
    open_ones = [one for one in attempts if row.state == State.UNKNOWN or one.cost is None]
    if not open_ones:
        return None
    may_decide = may_edit(role, viewer, row) and allows(role, Verb.CREATE)
    trashed = row.deleted_at is not None
    return UnknownOutcome(
        title=headline(open_ones[0]),
        evidence=[_evidence(one) for one in open_ones],
        attempt=str(open_ones[0].id),
        paid=is_paid(open_ones[0]),
        price=dollars(row.estimate or open_ones[0].estimate),
        may_ask=may_decide and row.state == State.UNKNOWN,
        may_retry=may_decide and row.state == State.UNKNOWN and not trashed,
        may_settle=allows(role, Verb.SETTLE) and row.state in SETTLED_BY_HAND,
        trashed=trashed and row.state == State.UNKNOWN,
    )


def _evidence(attempt: Attempt) -> Evidence:
    """Return the evidence of one attempt.

    The reason says how the outcome became unknown, the trouble why it stays so; a paid attempt needs neither.
    """
    paid = is_paid(attempt)
    return Evidence(
        sentence(attempt),
        reason="" if paid else attempt.reason,
        request_id=attempt.request_id,
        trouble="" if paid else _trouble(attempt),
    )


def _trouble(attempt: Attempt) -> str:
    if attempt.is_beyond_history:
        return not_looked_up()
    return f"{_('No response from the provider yet.')} {attempt.lookup_error}" if attempt.lookup_error else ""
