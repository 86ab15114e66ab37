"""Discrepancies: what in the evidence may explain a difference, each with its amount in US dollars."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Any, Self

from django.utils import timezone
from django.utils.translation import gettext as _

from generations.conf import conf
from generations.models import SPENT, Attempt, AttemptState, BalanceReading, DiscrepancyExplanation, Reason
from generations.pipeline import balance_readings
from generations.pipeline.balance_readings import ZERO
from generations.pipeline.charges import is_unusual
from generations.pipeline.reconciliation.balance.figures import under_way, within
from generations.pipeline.reconciliation.balance.matching import SECOND, HistoryMatch, charged_at
from generations.providers.base import PastCall

# Both sides keep ten places; the provider's may come out of a float.
EQUAL_WITHIN = Decimal("1E-8")
# The provider sums floats; the rounding error is far below the price of a picture.
ROUNDED = Decimal("1E-4")
MAX_DISCREPANCIES = 500
# Not a reason, and nothing to explain: the attempt's own page shows how it is settled, posted, or what it cost.
PRICE, DOUBT, UNUSUAL = "price", "doubt", "unusual"


@dataclass(frozen=True)
class Discrepancy:
    """A possible explanation of a difference.

    `amount` and `listed` as in DiscrepancyExplanation. `reason` is one of Reason, or `price` (fixed by posting
    `figure` for the attempt), or `doubt` (settled elsewhere), or `unusual` (a charge far above the estimate). `fresh`
    is True while it is younger than the provider's own delay.
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

    def document(self) -> dict[str, object]:
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
    """Return the discrepancies between the first reading and the last, without those that are explained already."""
    since, until = readings[0].read_at, readings[-1].read_at
    inside = [one for one in attempts if since < charged_at(one) <= until]
    found = [*_in_doubt(inside), *_unusual(inside)]
    if matched:
        found += [*_strangers(matched.strangers, until), *_prices(matched, inside), *_lost_rows(matched, inside)]
    named = live_keys([one.key for one in found])
    found = [one for one in found if one.key not in named]
    return (found + list(_jumps(readings, attempts, found, readable=matched is not None)))[:MAX_DISCREPANCIES]


def live_keys(keys: Sequence[str]) -> set[str]:
    """Return the keys that have an explanation that was not taken back."""
    rows = DiscrepancyExplanation.objects.filter(key__in=keys, reversed_by=None)
    return set(rows.values_list("key", flat=True))


def _in_doubt(inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    for one in inside:
        if one.state == AttemptState.UNKNOWN and one.cost is None:
            words = _("it may have cost $%(amount)s") % {"amount": f"{one.estimate:.4f}"}
            yield _of(one, DOUBT, words)


def _unusual(inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    """Yield charges that are posted as the provider reports them and that an administrator should check."""
    for one in inside:
        if one.cost and not one.cost_estimated and is_unusual(one.cost, one.estimate):
            words = _("about $%(amount)s was expected") % {"amount": f"{one.estimate:.4f}"}
            yield _of(one, UNUSUAL, words, booked=one.cost)


def _strangers(rows: Sequence[PastCall], until: datetime) -> Iterator[Discrepancy]:
    """Yield each call with this site's key that this site did not make."""
    for row in rows:
        cost, at = row.cost or ZERO, row.at or until
        name = row.request_id or sha256(repr(row).encode()).hexdigest()[:32]
        # Not the prompt: if a row of ours was not recognised, it may be a user's private one.
        seed = "" if row.seed is None else _("seed %(number)s") % {"number": row.seed}
        words = " · ".join(word for word in (row.model, row.request_id, seed) if word)
        ends = min(at + SECOND, until)
        key = f"{Reason.ELSEWHERE}:{name}"
        yield Discrepancy(Reason.ELSEWHERE, key, min(at, ends), ends, amount=cost, listed=cost, words=words)


def _prices(matched: HistoryMatch, inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    """Yield our calls that have another price in the history than in the ledger."""
    for one in inside:
        row = matched.rows.get(one.id)
        if row is None or not row.finished or (one.cost is None and one.state != AttemptState.NOT_BILLED):
            continue
        figure, booked = (ZERO if row.failed else row.cost), one.cost or ZERO
        if figure is not None and abs(figure - booked) > EQUAL_WITHIN:
            more = figure - booked
            yield _of(one, PRICE, "", amount=more, listed=more, booked=booked, figure=figure)


def _lost_rows(matched: HistoryMatch, inside: Sequence[Attempt]) -> Iterator[Discrepancy]:
    """Yield charged calls that the history lacks even after its delay.

    Attempts that were given up as lost are charged by an estimate: then the estimate is the likelier cause.
    """
    for one in inside:
        if not one.cost or one.id in matched.rows:
            continue
        if one.state == AttemptState.UNKNOWN and one.cost_estimated:
            words = _("marked as lost; the provider lists no such call")
            yield _of(one, Reason.ESTIMATE, words, amount=-one.cost, listed=-one.cost)
        else:
            words = _("charged $%(amount)s; not in the provider's history") % {"amount": f"{one.cost:.4f}"}
            yield _of(one, Reason.UNLISTED, words, listed=-one.cost)


def _of(one: Attempt, reason: str, words: str, **money: Decimal) -> Discrepancy:
    """Return a discrepancy about an attempt of ours."""
    at = charged_at(one)
    return Discrepancy(
        reason, f"{reason}:{one.id}", begins=at, ends=at, words=words, attempt=str(one.id),
        generation=str(one.generation_id), fresh=timezone.now() - at < timedelta(seconds=conf().history_lag), **money,
    )  # fmt: skip


def _jumps(
    readings: Sequence[BalanceReading], attempts: Sequence[Attempt], known: Sequence[Discrepancy], *, readable: bool
) -> Iterator[Discrepancy]:
    """Yield what is left of the balance's fall between two readings after everything else is subtracted.

    Readings at which a call was running are skipped, because its charge may be on either side of them.
    """
    inner = [one for one in readings[1:-1] if not under_way(attempts, one.read_at)]
    borders = [readings[0], *inner, readings[-1]]
    left = _left_over(borders, attempts, known)
    for number, (before, after) in enumerate(pairwise(borders)):
        # A call's charge that moved from one side of a reading to the other cancels out.
        beside = (left[n] for n in (number - 1, number + 1) if 0 <= n < len(left))
        if within(left[number]) or any(within(left[number] + other) for other in beside):
            continue
        calls = [one for one in attempts if before.read_at < charged_at(one) <= after.read_at]
        if reason := _reason(left[number], before.total - after.total, calls, readable=readable):
            key = f"{reason}:{before.id}:{after.id}"
            yield Discrepancy(reason, key, before.read_at, after.read_at, amount=left[number])


class _RunningSums:
    """Amounts at moments, accumulated once."""

    def __init__(self, amounts: Iterable[tuple[datetime, Decimal]]) -> None:
        pairs = sorted(amounts)
        self._moments = [moment for moment, _ in pairs]
        self._totals = list(accumulate((amount for _, amount in pairs), initial=ZERO))

    def between(self, since: datetime, until: datetime) -> Decimal:
        """Return the sum of the amounts after `since`, up to and including `until`."""
        return self._totals[bisect_right(self._moments, until)] - self._totals[bisect_right(self._moments, since)]


def _left_over(
    borders: Sequence[BalanceReading], attempts: Sequence[Attempt], known: Sequence[Discrepancy]
) -> list[Decimal]:
    """Return for each interval between two readings its fall less what is posted, explained or found otherwise."""
    since, until = borders[0].read_at, borders[-1].read_at
    checks = balance_readings.checks_between(since, until).filter(kind__in=SPENT).values_list("created_at", "amount")
    names = DiscrepancyExplanation.objects.filter(ends__gt=since, ends__lte=until).values_list("ends", "amount")
    known_of = _RunningSums(
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
    """Return the likeliest reason; empty when nothing suggests one and an administrator has to find out."""
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
