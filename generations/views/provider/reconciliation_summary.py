"""The last reconciliation with the provider, prepared for `_reconciliation_summary.html`."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from generations.models import DiscrepancyExplanation, Reason, Reconciliation, Verdict, name_in
from generations.queries.provider import reconciliations
from generations.services.provider.discrepancies import DOUBT, PRICE, UNUSUAL, Discrepancy, open_discrepancies
from generations.services.provider.reconciliation import current_verdict
from generations.views.site.formatting import age, day_and_clock, dollars, number

TITLES = {
    Reason.TOP_UP: gettext_lazy("Top-up"),
    Reason.EXPIRED: gettext_lazy("Balance decreased without a call: expired credits?"),
    Reason.ELSEWHERE: gettext_lazy("API key used elsewhere"),
    Reason.UNLISTED: gettext_lazy("Call missing from the history"),
    Reason.ESTIMATE: gettext_lazy("Our estimate was off"),
    Reason.ROUNDING: gettext_lazy("Rounding"),
    PRICE: gettext_lazy("Charged amount differs from the reported price"),
    DOUBT: gettext_lazy("Outcome unknown"),
    UNUSUAL: gettext_lazy("Cost more than ten times the estimate"),
}
SHOWN = Decimal("0.00005")
MAX_LINES, MAX_NAMES, MAX_RUNS = 10, 200, 20


@dataclass(frozen=True)
class ReconciliationSummary:
    """The figures of a reconciliation, which are for superusers only.

    `answer` is such as `Matches`, empty without one; `state` is the verdict behind it. Without `run` there was none.
    """

    answer: str = ""
    state: str = ""
    checked: str = ""
    run: uuid.UUID | None = None
    since: str = ""
    until: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    unnamed: str = ""
    unnamed_exact: str = ""
    unlisted: str = ""
    tolerance: str = ""
    trouble: str = ""
    doubts: int = 0
    doubtful: str = ""
    told: bool = False
    open: bool = False


@dataclass(frozen=True)
class DiscrepancyLine:
    when: str
    amount: str
    words: str
    attempt: str


@dataclass(frozen=True)
class DiscrepancyGroup:
    """Discrepancies of one reason, with one button for all of them; `more` are not listed."""

    reason: str
    title: str
    count: int
    amount: str
    is_price: bool
    may_name: bool
    keys: list[str]
    name: str
    rows: list[DiscrepancyLine]
    more: int


@dataclass(frozen=True)
class Explanation:
    """An explanation; discrepancies that were explained by one click are one."""

    id: uuid.UUID
    label: str
    count: int
    amount: str
    begins: str
    ends: str
    note: str
    by: str
    at: str
    reverses: bool
    taken_back: bool
    may_take_back: bool


@dataclass(frozen=True)
class EarlierRun:
    """The figures of an earlier reconciliation as they were then."""

    at: str
    by: str
    since: str
    booked: str
    fall: str
    history: str
    unnamed: str
    answer: str
    state: str


@dataclass(frozen=True)
class ReconciliationDetails:
    """Everything that the page of the provider shows about reconciliation."""

    agreement: ReconciliationSummary
    findings: list[DiscrepancyGroup]
    names: list[Explanation]
    runs: list[EarlierRun]
    reasons: list[tuple[str, str]]


def reconciliation_summary() -> ReconciliationSummary:
    run = reconciliations.latest()
    return _summary(run) if run else ReconciliationSummary()


def reconciliation_details() -> ReconciliationDetails:
    run = reconciliations.latest()
    return ReconciliationDetails(
        agreement=_summary(run) if run else ReconciliationSummary(),
        findings=list(_groups(open_discrepancies(run))) if run else [],
        names=list(_explanations(reconciliations.explanations(MAX_NAMES))),
        runs=[_earlier(one) for one in reconciliations.runs(MAX_RUNS)],
        reasons=[(value, str(label)) for value, label in Reason.choices],
    )


def money(amount: Decimal | None) -> str:
    """Format an amount with four places, or with all of them when four would show a small difference as zero."""
    if amount is None or abs(amount) >= SHOWN or amount == 0:
        return dollars(amount)
    return dollars(amount, places=10).rstrip("0")


def _summary(run: Reconciliation) -> ReconciliationSummary:
    unnamed, unlisted, verdict = current_verdict(run)
    history = money(run.history) if run.history is not None else _("unavailable")
    rows = ngettext("Segmind's history, %(count)s row", "Segmind's history, %(count)s rows", run.history_rows)
    fell = _("Decrease in Segmind's balance") if run.balance_decrease >= 0 else _("Increase in Segmind's balance")
    return ReconciliationSummary(
        answer=str(verdict.label),
        state=verdict.value,
        checked=_("checked %(age)s ago") % {"age": age((timezone.now() - run.checked_at).total_seconds())},
        run=run.id,
        since=day_and_clock(run.since),
        until=day_and_clock(run.until),
        lines=[
            (_("Our ledger"), money(run.booked)),
            (fell, money(abs(run.balance_decrease))),
            (rows % {"count": number(run.history_rows)}, history),
            (_("Explained difference"), money(run.difference - unnamed)),
        ],
        unnamed=money(unnamed),
        unnamed_exact=str(unnamed),
        unlisted=money(unlisted) if unlisted else "",
        tolerance=money(run.tolerance + run.in_flight),
        trouble=run.history_error,
        doubts=run.unknown_count,
        doubtful=dollars(run.unknown_amount, estimated=True),
        told=run.alerted is not None,
        open=verdict != Verdict.AGREES,
    )


def _groups(found: Sequence[Discrepancy]) -> Iterator[DiscrepancyGroup]:
    for reason, group in groupby(sorted(found, key=lambda one: (one.reason, one.begins)), lambda one: one.reason):
        rows = list(group)
        ripe = [one for one in rows if not (one.fresh and reason == Reason.UNLISTED)]
        yield DiscrepancyGroup(
            reason=reason,
            title=str(TITLES[reason]),
            count=len(rows),
            amount=money(abs(sum(map(_amount, rows), Decimal(0)))),
            is_price=reason == PRICE,
            may_name=reason in Reason.values and bool(ripe),
            keys=[one.key for one in ripe],
            name=str(Reason(reason).label) if reason in Reason.values else "",
            rows=[_row(one) for one in rows[:MAX_LINES]],
            more=max(0, len(rows) - MAX_LINES),
        )


def _amount(one: Discrepancy) -> Decimal:
    return one.amount or one.listed or one.booked or Decimal(0)


def _row(one: Discrepancy) -> DiscrepancyLine:
    begins, ends = day_and_clock(one.begins), day_and_clock(one.ends)
    told = one.words
    if one.reason == PRICE:
        told = _("booked %(booked)s; the history has %(listed)s")
        told %= {"booked": money(one.booked), "listed": money(one.figure)}
    if one.fresh and one.reason == Reason.UNLISTED:
        told = f"{told} {_('It may still appear.')}"
    single = one.attempt or one.reason == Reason.ELSEWHERE
    return DiscrepancyLine(
        when=ends if single else _("%(begin)s to %(end)s") % {"begin": begins, "end": ends},
        amount=money(_amount(one)),
        words=told,
        attempt=one.attempt,
    )


def _explanations(rows: Sequence[DiscrepancyExplanation]) -> Iterator[Explanation]:
    for those in (list(group) for _id, group in groupby(rows, lambda one: one.group_id)):
        first, last = those[-1], those[0]
        taken_back = hasattr(first, "reversed_by")
        yield Explanation(
            id=first.id,
            label=str(Reason(first.reason).label),
            count=len(those),
            amount=money(sum((one.amount or one.listed for one in those), Decimal(0))),
            begins=day_and_clock(min(first.begins, last.begins)),
            ends=day_and_clock(max(first.ends, last.ends)),
            note=first.note if len(those) == 1 else "",
            by=name_in(first, "by"),
            at=day_and_clock(first.at),
            reverses=first.reverses_id is not None,
            taken_back=taken_back,
            may_take_back=not taken_back and first.reverses_id is None,
        )


def _earlier(run: Reconciliation) -> EarlierRun:
    return EarlierRun(
        at=day_and_clock(run.checked_at),
        by=name_in(run, "by", _("automatic")),
        since=day_and_clock(run.since),
        booked=money(run.booked),
        fall=money(run.balance_decrease),
        history=money(run.history) if run.history is not None else "—",
        unnamed=money(run.unexplained),
        answer=str(Verdict(run.verdict).label),
        state=run.verdict,
    )
