"""The last reconciliation with the provider, prepared for `_reconciliation_summary.html`."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils import timezone

from generations.models import DiscrepancyExplanation, Reason, Reconciliation, Verdict
from generations.services.provider.discrepancies import DOUBT, PRICE, UNUSUAL, Discrepancy, open_discrepancies
from generations.services.provider.reconciliation import current_verdict
from generations.views.site.formatting import age, dollars, since

ANSWERS = {Verdict.AGREES: "yes", Verdict.WAITS: "not yet", Verdict.DIFFERS: "no"}
UNCHECKED = "not checked"
TITLES = {
    Reason.TOP_UP: "Money came in",
    Reason.EXPIRED: "Money went without a call: credits that expired?",
    Reason.ELSEWHERE: "Somebody used the key elsewhere",
    Reason.UNLISTED: "The history has lost a call",
    Reason.ESTIMATE: "We had estimated",
    Reason.ROUNDING: "Rounding",
    PRICE: "Charged something else than it said",
    DOUBT: "In doubt",
    UNUSUAL: "Cost more than ten times the estimate",
}
SHOWN = Decimal("0.00005")
MAX_LINES, MAX_NAMES, MAX_RUNS = 10, 200, 20


def reconciliation_summary() -> dict[str, Any]:
    """Return the figures of the last reconciliation, which are for superusers only.

    `answer` is yes, no, not yet or not checked; `state` is the verdict behind it.
    """
    run = Reconciliation.objects.of_this_provider("since").first()
    return {"answer": UNCHECKED, "state": "", "checked": "", "lines": []} if run is None else _standing(run)


def page() -> dict[str, Any]:
    """Return everything that the page of the provider shows about reconciliation."""
    run = Reconciliation.objects.of_this_provider("since").first()
    return {
        "agreement": reconciliation_summary() if run is None else _standing(run),
        "findings": list(_findings(open_discrepancies(run))) if run else [],
        "names": list(_names(list(DiscrepancyExplanation.objects.select_related("by", "reversed_by")[:MAX_NAMES]))),
        "runs": [_run(one) for one in Reconciliation.objects.select_related("by")[:MAX_RUNS]],
        "reasons": Reason.choices,
    }


def money(amount: Decimal | None) -> str:
    """Format an amount with four places, or with all of them when four would show a small difference as zero."""
    if amount is None or abs(amount) >= SHOWN or amount == 0:
        return dollars(amount)
    return dollars(amount, places=10).rstrip("0")


def _standing(run: Reconciliation) -> dict[str, Any]:
    unnamed, unlisted, verdict = current_verdict(run)
    history = money(run.history) if run.history is not None else "cannot be read"
    return {
        "answer": ANSWERS[verdict],
        "state": verdict.value,
        "checked": f"checked {age((timezone.now() - run.checked_at).total_seconds())} ago",
        "run": run.id,
        "since": since(run.since),
        "until": since(run.until),
        "lines": [
            ("Our ledger", money(run.booked)),
            (
                f"Segmind’s balance {'fell' if run.balance_decrease >= 0 else 'rose'} by",
                money(abs(run.balance_decrease)),
            ),
            (f"Segmind’s history, {run.history_rows:,} row{'' if run.history_rows == 1 else 's'}", history),
            ("Difference, with a name", money(run.difference - unnamed)),
        ],
        "unnamed": money(unnamed),
        "unnamed_exact": str(unnamed),
        "unlisted": money(unlisted) if unlisted else "",
        "tolerance": money(run.tolerance + run.in_flight),
        "trouble": run.history_error,
        "doubts": run.unknown_count,
        "doubtful": dollars(run.unknown_amount, estimated=True),
        "told": run.alerted is not None,
        "open": verdict != Verdict.AGREES,
    }


def _findings(found: Sequence[Discrepancy]) -> Iterator[dict[str, Any]]:
    """Yield the discrepancies grouped by reason, with one button for each group."""
    for reason, group in groupby(sorted(found, key=lambda one: (one.reason, one.begins)), lambda one: one.reason):
        rows = list(group)
        ripe = [one for one in rows if not (one.fresh and reason == Reason.UNLISTED)]
        amount = sum(map(_amount, rows), Decimal(0))
        yield {
            "reason": reason,
            "title": TITLES[reason],
            "count": len(rows),
            "amount": money(abs(amount)),
            "is_price": reason == PRICE,
            "may_name": reason in Reason.values and bool(ripe),
            "keys": [one.key for one in ripe],
            "name": Reason(reason).label if reason in Reason.values else "",
            "rows": [_row(one) for one in rows[:MAX_LINES]],
            "more": len(rows) - MAX_LINES if len(rows) > MAX_LINES else 0,
        }


def _amount(one: Discrepancy) -> Decimal:
    return one.amount or one.listed or one.booked or Decimal(0)


def _row(one: Discrepancy) -> dict[str, Any]:
    when = since(one.ends) if one.attempt else f"{since(one.begins)} to {since(one.ends)}"
    told = f"booked {money(one.booked)}, the history says {money(one.figure)}" if one.reason == PRICE else one.words
    late = " It may still come." if one.fresh and one.reason == Reason.UNLISTED else ""
    return {
        "when": since(one.ends) if one.reason == Reason.ELSEWHERE else when,
        "amount": money(_amount(one)),
        "words": f"{told}{late}",
        "attempt": one.attempt,
    }


def _names(rows: Sequence[DiscrepancyExplanation]) -> Iterator[dict[str, Any]]:
    """Yield the explanations; discrepancies that were explained by one click are one row."""
    for _, group in groupby(rows, lambda one: one.group_id):
        those = list(group)
        first, last = those[-1], those[0]
        taken_back = hasattr(first, "reversed_by")
        yield {
            "id": first.id,
            "label": Reason(first.reason).label,
            "count": len(those),
            "amount": money(sum((one.amount or one.listed for one in those), Decimal(0))),
            "begins": since(min(first.begins, last.begins)),
            "ends": since(max(first.ends, last.ends)),
            "note": first.note if len(those) == 1 else "",
            "by": first.by.display_name if first.by else "somebody who left",
            "at": since(first.at),
            "reverses": first.reverses_id is not None,
            "taken_back": taken_back,
            "may_take_back": not taken_back and first.reverses_id is None,
        }


def _run(run: Reconciliation) -> dict[str, Any]:
    """Return the figures of an earlier reconciliation as they were then."""
    return {
        "at": since(run.checked_at),
        "by": run.by.display_name if run.by else "by itself",
        "since": since(run.since),
        "booked": money(run.booked),
        "fall": money(run.balance_decrease),
        "history": money(run.history) if run.history is not None else "—",
        "unnamed": money(run.unexplained),
        "answer": ANSWERS[Verdict(run.verdict)],
        "state": run.verdict,
    }
