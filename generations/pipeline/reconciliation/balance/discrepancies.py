"""Candidates for a name: what in the evidence may be the reason for a difference, each with its amount."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any, Self

from django.utils import timezone

from generations.conf import conf
from generations.models import SPENT, Attempt, AttemptState, BalanceReading, NamedDifference, Reason
from generations.pipeline import balance_readings
from generations.pipeline.balance_readings import ZERO
from generations.pipeline.charges import is_unusual
from generations.pipeline.reconciliation.balance.figures import under_way, within
from generations.pipeline.reconciliation.balance.matching import SECOND, HistoryMatch, charged_at
from generations.pipeline.reconciliation.balance.running_sums import RunningSums
from generations.providers.base import PastCall

# Both sides keep ten places; the vendor's may come out of a float.
EQUAL_WITHIN = Decimal("1E-8")
# The vendor adds up floats; what is lost so is far below the price of a picture.
ROUNDED = Decimal("1E-4")
MAX_DISCREPANCIES = 500
# Not a reason, and nothing to name: the attempt's own page says how it is settled, or booked, or what it cost.
PRICE, DOUBT, UNUSUAL = "price", "doubt", "unusual"


@dataclass(frozen=True)
class Discrepancy:
    """`amount` and `listed` as in NamedDifference. `reason` is one of Reason, or `price`, which is put right by booking
    `figure` for the attempt, or `doubt`, which is settled elsewhere, or `unusual`, a charge far above the estimate.
    `fresh`: younger than the provider's own delay.
    """

    reason: str
    key: str
    begins: datetime
    ends: datetime
    amount: Decimal = ZERO
    listed: Decimal = ZERO
    words: str = ""
    attempt: str = ""
    generation: str = ""
    booked: Decimal | None = None
    figure: Decimal | None = None
    fresh: bool = False

    def document(self) -> dict[str, Any]:
        return {name: _as_text(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, found: dict[str, Any]) -> Self:
        money = {name: Decimal(found[name]) for name in ("amount", "listed")}
        maybe = {name: found[name] and Decimal(found[name]) for name in ("booked", "figure")}
        times = {name: datetime.fromisoformat(found[name]) for name in ("begins", "ends")}
        return cls(**found | money | maybe | times)


def discrepancies(
    readings: Sequence[BalanceReading], matched: HistoryMatch | None, attempts: Sequence[Attempt]
) -> list[Discrepancy]:
    """Of the time between the first reading and the last; what has a name already is left out."""
    since, until = readings[0].read_at, readings[-1].read_at
    inside = [one for one in attempts if since < charged_at(one) <= until]
    found = [*_in_doubt(inside), *_unusual(inside)]
    if matched:
        found += [*_strangers(matched.strangers, until), *_prices(matched, inside), *_lost_rows(matched, inside)]
    named = live_keys([one.key for one in found])
    found = [one for one in found if one.key not in named]
    return (found + list(_jumps(readings, attempts, found, readable=matched is not None)))[:MAX_DISCREPANCIES]


def live_keys(keys: Sequence[str]) -> set[str]:
    """Those of these that name something, and were not taken back."""
    rows = NamedDifference.objects.filter(key__in=keys, taken_back_by=None)
    return set(rows.values_list("key", flat=True))


def _in_doubt(inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    for one in inside:
        if one.state == AttemptState.UNKNOWN and one.cost is None:
            words = f"its outcome is unknown; it may have cost ${one.estimate:.4f}"
            yield _of(one, DOUBT, words)


def _unusual(inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    """Charges that are booked as the provider told them, and that a person should look at."""
    for one in inside:
        if one.cost and not one.cost_estimated and is_unusual(one.cost, one.estimate):
            yield _of(one, UNUSUAL, f"about ${one.estimate:.4f} was expected", booked=one.cost)


def _strangers(rows: Sequence[PastCall], until: datetime) -> Iterator[Discrepancy]:
    """Calls with this site's key that this site did not make, one by one."""
    for row in rows:
        cost, at = row.cost or ZERO, row.at or until
        name = row.request_id or sha256(repr(row).encode()).hexdigest()[:32]
        # Not its words: where a row of ours was not recognised, they may be somebody's private ones.
        seed = "" if row.seed is None else f"seed {row.seed}"
        words = " · ".join(word for word in (row.model, row.request_id, seed) if word)
        ends = min(at + SECOND, until)
        key = f"{Reason.ELSEWHERE}:{name}"
        yield Discrepancy(Reason.ELSEWHERE, key, min(at, ends), ends, amount=cost, listed=cost, words=words)


def _prices(matched: HistoryMatch, inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    """Calls of ours that the history has another price for than the one in the books."""
    for one in inside:
        row = matched.rows.get(one.id)
        if row is None or not row.finished or (one.cost is None and one.state != AttemptState.NOT_BILLED):
            continue
        figure, booked = (ZERO if row.failed else row.cost), one.cost or ZERO
        if figure is not None and abs(figure - booked) > EQUAL_WITHIN:
            more = figure - booked
            yield _of(one, PRICE, "", amount=more, listed=more, booked=booked, figure=figure)


def _lost_rows(matched: HistoryMatch, inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    """Calls that were charged and that the history does not have, not even after its delay. What was given up as lost
    is booked on a guess: then the guess is the likelier fault.
    """
    for one in inside:
        if not one.cost or one.id in matched.rows:
            continue
        if one.state == AttemptState.UNKNOWN and one.cost_estimated:
            words = "given up as lost; the provider lists no such call"
            yield _of(one, Reason.ESTIMATE, words, amount=-one.cost, listed=-one.cost)
        else:
            words = f"it cost ${one.cost:.4f}; the provider’s history has no row for it"
            yield _of(one, Reason.UNLISTED, words, listed=-one.cost)


def _of(one: Attempt, reason: str, words: str, **money: Decimal) -> Discrepancy:
    """About an attempt of ours."""
    at = charged_at(one)
    return Discrepancy(
        reason, f"{reason}:{one.id}", begins=at, ends=at, words=words, attempt=str(one.id),
        generation=str(one.generation_id), fresh=timezone.now() - at < timedelta(seconds=conf().history_lag), **money,
    )  # fmt: skip


def _jumps(
    readings: Sequence[BalanceReading], attempts: Sequence[Attempt], known: Sequence[Discrepancy], *, readable: bool
) -> Iterator[Discrepancy]:
    """What is left of the balance's fall between two readings, when everything else is taken away.

    Readings at which a call was under way are passed over: it may stand on either side of them.
    """
    inner = [one for one in readings[1:-1] if not under_way(attempts, one.read_at)]
    borders = [readings[0], *inner, readings[-1]]
    left = _left_over(borders, attempts, known)
    for number, (before, after) in enumerate(pairwise(borders)):
        # What a call moves from one side of a reading to the other cancels out.
        beside = (left[n] for n in (number - 1, number + 1) if 0 <= n < len(left))
        if within(left[number]) or any(within(left[number] + other) for other in beside):
            continue
        calls = [one for one in attempts if before.read_at < charged_at(one) <= after.read_at]
        if reason := _reason(left[number], before.total - after.total, calls, readable=readable):
            key = f"{reason}:{before.id}:{after.id}"
            yield Discrepancy(reason, key, before.read_at, after.read_at, amount=left[number])


def _left_over(
    borders: Sequence[BalanceReading], attempts: Sequence[Attempt], known: Sequence[Discrepancy]
) -> list[Decimal]:
    """Of each stretch between two of these readings: its fall less what is booked, named, or found otherwise."""
    since, until = borders[0].read_at, borders[-1].read_at
    checks = balance_readings.checks_between(since, until).filter(kind__in=SPENT).values_list("created_at", "amount")
    names = NamedDifference.objects.filter(ends__gt=since, ends__lte=until).values_list("ends", "amount")
    known_of = RunningSums(
        [
            *((charged_at(one), one.cost) for one in attempts if one.cost),
            *((moment, -amount) for moment, amount in checks),
            *names,
            *((one.ends, one.amount) for one in known),
        ]
    )
    return [
        before.total - after.total - known_of.between(before.read_at, after.read_at)
        for before, after in pairwise(borders)
    ]


def _reason(left: Decimal, fall: Decimal, calls: Sequence[Attempt], *, readable: bool) -> str:
    """The likeliest; empty where nothing speaks for any, and a person has to find out."""
    guessed = sum((one.cost or ZERO for one in calls if one.cost_estimated), ZERO)
    doubtful = sum((one.estimate for one in calls if one.state == AttemptState.UNKNOWN and one.cost is None), ZERO)
    if left < 0 and fall < 0:
        return Reason.TOP_UP
    if 0 < abs(left) <= guessed:
        return Reason.ESTIMATE
    if abs(left) <= ROUNDED * len(calls):
        return Reason.ROUNDING
    return Reason.EXPIRED if left > doubtful and readable else ""


def _as_text(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
