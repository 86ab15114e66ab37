"""Matching of the provider's history with our attempts and checks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from generations.conf import conf
from generations.models import SPENT, Attempt, AttemptState, LedgerEntry, uuid7_min
from generations.pipeline.balance_readings import CLOCKS_DIFFER
from generations.pipeline.reconciliation import history_matching
from generations.providers.base import PastCall

# The history's times are in whole seconds.
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class HistoryMatch:
    """The history by attempt. `strangers` are finished calls with a cost and a time that are no call of this site."""

    attempts: Sequence[Attempt]
    rows: dict[object, PastCall]
    strangers: Sequence[PastCall]
    checks: Sequence[PastCall]


def sent_around(since: datetime, until: datetime) -> list[Attempt]:
    """Return every attempt that may have been charged in this time, and some around it, sorted by time of sending."""
    slack = timedelta(seconds=conf().lease_seconds + conf().timeout) + CLOCKS_DIFFER
    ids = Q(id__gte=uuid7_min(since - slack), id__lt=uuid7_min(until + slack))
    rows = Attempt.objects.filter(ids, sent_at__isnull=False).select_related("generation")
    fields = [
        "generation",
        "request_id",
        "seed",
        "state",
        "cost",
        "cost_estimated",
        "estimate",
        "sent_at",
        "finished_at",
    ]
    return sorted(rows.only(*fields, "answered_at", "generation__prompt", "generation__model"), key=sent_at)


def sent_at(attempt: Attempt) -> datetime:
    """Return when an attempt was sent. Raises ValueError when it was not, because then it was not charged."""
    if attempt.sent_at is None:
        raise ValueError("an attempt that was never sent was never charged")
    return attempt.sent_at


def charged_at(attempt: Attempt) -> datetime:
    """Return when it was charged, if it was: with its answer, at the latest at the deadline of the call."""
    latest = sent_at(attempt) + timedelta(seconds=conf().timeout)
    return min(attempt.answered_at, latest) if attempt.answered_at else sent_at(attempt)


def match(rows: Iterable[PastCall], attempts: Sequence[Attempt], since: datetime, until: datetime) -> HistoryMatch:
    """Assign each row to an attempt, a check of the provider, or a stranger: by request id first, then by seed."""
    by_id = {one.request_id: one for one in attempts if one.request_id}
    found: dict[object, PastCall] = {}
    rest: list[PastCall] = []
    for row in rows:
        one = by_id.get(row.request_id) if row.request_id else None
        if one is None:
            rest.append(row)
        else:
            found[one.id] = row
    taken = _by_seed(rest, [one for one in attempts if one.id not in found])
    left = [row for row in rest if row not in set(taken.values())]
    priced = [row for row in left if row.finished and row.cost and row.at and since - SECOND <= row.at <= until]
    checks = _checks(priced, since, until)
    return HistoryMatch(attempts, found | taken, [row for row in priced if row not in checks], checks)


def _by_seed(rows: Sequence[PastCall], attempts: Sequence[Attempt]) -> dict[object, PastCall]:
    """Match calls whose answer was lost with its request id; ambiguous ones are left out."""
    by_seed: dict[int, list[PastCall]] = defaultdict(list)
    for row in rows:
        if row.seed is not None:
            by_seed[row.seed].append(row)
    loose = [one for one in attempts if one.state != AttemptState.NOT_BILLED and one.seed in by_seed]
    often = Counter(one.seed for one in loose)
    fitting = {
        one.id: [row for row in by_seed[one.seed or 0] if history_matching.is_possible_match(one, row)] for one in loose
    }
    return {one.id: fitting[one.id][0] for one in loose if often[one.seed] == 1 and len(fitting[one.id]) == 1}


def _checks(rows: Sequence[PastCall], since: datetime, until: datetime) -> list[PastCall]:
    """Return the rows of checks of the provider, found by price and time because they have no request id."""
    ids = Q(id__gte=uuid7_min(since - CLOCKS_DIFFER), id__lt=uuid7_min(until + CLOCKS_DIFFER))
    booked = LedgerEntry.objects.filter(ids, kind__in=SPENT, generation=None, attempt=None)
    left = list(booked.values_list("created_at", "amount", "estimated"))
    found = []
    for row in rows:
        for entry in left:
            if _is_check(row, *entry):
                left.remove(entry)
                found.append(row)
                break
    return found


def _is_check(row: PastCall, booked_at: datetime, amount: Decimal, estimated: bool) -> bool:
    longest = timedelta(seconds=conf().timeout)
    near = row.at is not None and row.at - CLOCKS_DIFFER <= booked_at <= row.at + longest + CLOCKS_DIFFER
    return near and (estimated or row.cost == -amount)
