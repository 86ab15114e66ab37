"""`manage.py reconcile`: the provider's figures compared with this site's ledger."""

from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations.errors import ProviderError
from generations.management.provider_check.checker import describe_error
from generations.models import HISTORY_RETENTION, DiscrepancyExplanation, Reason, Reconciliation, Verdict
from generations.pipeline.reconciliation.balance import check
from generations.pipeline.reconciliation.balance.discrepancies import DOUBT, PRICE, UNUSUAL, Discrepancy
from generations.pipeline.worker.fulfil import configured_provider
from generations.services.provider import discrepancies

DIFFERS, COULD_NOT_ASK = 1, 2
VERDICTS = {
    Verdict.AGREES: "yes",
    Verdict.WAITS: "not yet: the provider's delay, or calls with an unknown outcome, may explain it",
    Verdict.DIFFERS: "no",
}
REASONS = {
    **dict(Reason.choices),
    PRICE: "charged a different amount than reported",
    DOUBT: "outcome unknown",
    UNUSUAL: "over ten times the estimate",
}
MAX_ROWS = 40


class Command(BaseCommand):
    help = (
        "Compare the ledger with the provider's history and the fall of its balance. Free. Exits with 0 when they "
        "agree, every difference is explained, or the provider's own delay may explain it; 1 when a difference is "
        "unexplained; 2 when the provider can't be reached."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=1, help="how far back, at most 31 (default: 1)")

    def handle(self, *, days: int, **options: Any) -> None:
        most = HISTORY_RETENTION.days
        if not 1 <= days <= most:
            message = f"--days is {days}; the provider's history reaches back 1 to {most} days."
            raise CommandError(message, returncode=COULD_NOT_ASK)
        try:
            run = check.check(configured_provider(), days=days)
        except ProviderError as error:
            message = f"The provider could not be asked. {describe_error(error)}"
            raise CommandError(message, returncode=COULD_NOT_ASK) from error
        if run is None:
            self.stdout.write("This was the first reading of the balance; there is nothing to compare it with yet.")
            return
        unnamed, unlisted, verdict = check.standing(run)
        self._figures(run)
        self._names(run)
        self._findings(run)
        self._line("Unexplained", unnamed, f"; of the history {_money(unlisted)}" if unlisted else "")
        self.stdout.write(f"Do they agree? {VERDICTS[verdict]}.")
        if verdict == Verdict.DIFFERS:
            raise CommandError("There is an unexplained difference. Explain it on /provider/.", returncode=DIFFERS)

    def _figures(self, run: Reconciliation) -> None:
        self.stdout.write(f"From {run.since:%Y-%m-%d %H:%M:%S} to {run.until:%Y-%m-%d %H:%M:%S} UTC")
        self._line("Our ledger", run.booked)
        self._line("Fall of the balance", run.balance_decrease)
        if run.history is None:
            self.stdout.write(f"{'History':<38}cannot be read: {run.history_error}")
        else:
            self._line(f"History, {run.history_rows} rows", run.history)
        self._line("Difference", run.difference, f" (tolerance {_money(run.tolerance + run.in_flight)})")
        if run.history is not None:
            self._line("History less ledger", run.beyond)
        if run.unknown_count:
            self._line(f"Outcome unknown, {run.unknown_count} calls", run.unknown_amount, ", estimated")

    def _names(self, run: Reconciliation) -> None:
        rows = DiscrepancyExplanation.objects.filter(ends__gt=run.since, ends__lte=run.until).order_by("id")
        for one in rows[:MAX_ROWS]:
            back = " (reversed)" if one.reverses_id else ""
            self._line(f"  {Reason(one.reason).label}{back}", one.amount or one.listed, f"  {one.note}".rstrip())
        if (more := rows.count() - MAX_ROWS) > 0:
            self.stdout.write(f"  and {more} more names")

    def _findings(self, run: Reconciliation) -> None:
        found: list[Discrepancy] = discrepancies.open_discrepancies(run)
        for one in found[:MAX_ROWS]:
            late = " (may still come)" if one.fresh else ""
            self._line(
                f"? {REASONS[one.reason]}{late}",
                one.amount or one.listed or one.booked or Decimal(0),
                f"  {one.words}".rstrip(),
            )
        if len(found) > MAX_ROWS:
            self.stdout.write(f"? and {len(found) - MAX_ROWS} more")

    def _line(self, label: str, amount: Decimal, after: str = "") -> None:
        self.stdout.write(f"{label:<38}{_money(amount)}{after}")


def _money(amount: Decimal) -> str:
    """Format an amount with all its places, since a difference may be small."""
    sign = "-" if amount < 0 else ""
    exact = f"{abs(amount):.10f}".rstrip("0")
    whole, _, part = exact.partition(".")
    return f"{sign}${whole}.{part:<04}"
