"""What is known of an attempt that may have been charged, and the actions for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from generations.models import Attempt, Generation, State, User
from generations.permissions import Verb, allows, may_edit
from generations.services.generations.unknown_outcome import NOT_LOOKED_UP
from generations.views.site.formatting import dollars, to_the_second

# Used when the attempts of the picture are not known.
NO_DETAILS = ("Outcome unknown", "It may have been charged, so it is not sent again by itself.")
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


def sentence(attempt: Attempt) -> str:
    """Return what is certain about one unknown attempt, short enough for a card."""
    if is_paid(attempt):
        return f"Paid {dollars(attempt.cost)}; the picture was not delivered."
    when = to_the_second(attempt.sent_at) if attempt.sent_at else "earlier"
    return f"Sent {when}, {_came(attempt)}; may have cost about {dollars(attempt.estimate)}."


def _came(attempt: Attempt) -> str:
    if attempt.http_status:
        accepted = 200 <= attempt.http_status < 300
        return "answered without what was needed" if accepted else f"answered with the error {attempt.http_status}"
    if not attempt.request_id:
        return "no answer"
    # None: the worker that waited has died, so the elapsed time is unknown.
    return f"taken by the provider, {'no answer' if attempt.http_status is None else 'not finished in time'}"


def headline(attempt: Attempt) -> str:
    return "Paid, not delivered" if is_paid(attempt) else "Outcome unknown"


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
        return NOT_LOOKED_UP
    return f"Asking came to nothing so far. {attempt.lookup_error}" if attempt.lookup_error else ""
