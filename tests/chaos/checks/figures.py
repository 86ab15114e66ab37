"""The rows of the table, counted from records and violations, each with its goal."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tests.chaos.checks.books import Books, Call
from tests.chaos.checks.checker import SPOILED, Finding, Index


class Figure(NamedTuple):
    """One row; `goal` is the only right number, None for a row that only informs."""

    name: str
    value: int | Decimal
    goal: int | None = None

    @property
    def missed(self) -> bool:
        return self.goal is not None and self.value != self.goal


# Every violation is counted in one of these rows; all must be 0.
NEVER = (
    "stuck",
    "orders charged twice",
    "attempts charged twice",
    "charged without a record",
    "POST without a record",
    "paid, nothing to show, no record",
    "charged, recorded as free",
    "free, recorded as charged",
    "cost differs",
    "other bytes than delivered",
    "shown, and no picture",
    "orders lost or doubled",
    "open attempt of a finished order",
    "row without file",
    "file without row",
    "answer left in the spool",
    "done without a picture",
    "ledger differs from attempts",
    "hold without a cause",
)


def figures(books: Books, findings: Sequence[Finding], *, api: str, reconciled: bool) -> list[Figure]:
    """Return the rows; `reconciled` means that the site asks the provider, so no unknown outcome may remain."""
    index = Index(books)
    counted = Counter(finding.figure for finding in findings)
    states = Counter(generation.state for generation in books.site.generations)
    return [
        Figure("ordered", len(books.ordered)),
        Figure("stored", states["done"]),
        Figure("failed, and said so", states["failed"]),
        *(Figure(name, counted[name], 0) for name in NEVER),
        *_doubts(index, api, reconciled),
        Figure("POSTs", len(books.provider)),
        Figure("charges", sum(len(call.charges) for call in books.provider)),
        Figure("charged by the provider, US$", _charged(books)),
        Figure("cost on the site's books, US$", _cost(books, estimated=False)),
        Figure("of it estimated by the site, US$", _cost(books, estimated=True)),
        Figure("paid good pictures not in the gallery", _not_shown(index), 0 if reconciled and api == "v2" else None),
    ]


# Rows that apply to a site without records of calls and costs.
OF_ANYBODY = {
    "ordered", "stored", "failed, and said so", "stuck", "orders charged twice", "shown, and no picture",
    "orders lost or doubled", "row without file", "POSTs", "charges", "charged by the provider, US$",
    "paid good pictures not in the gallery",
}  # fmt: skip


def of_anybody(counted: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in counted if figure.name in OF_ANYBODY]


def _doubts(index: Index, api: str, reconciled: bool) -> list[Figure]:
    """Return the unknown outcomes.

    With v2 each can be settled; with v1 a billed one stays unknown and gets its cost.
    """
    doubts = [attempt for attempt in index.site.attempts if attempt.state == "unknown"]
    billed = [attempt for attempt in doubts if attempt.seed in index.charged_by_seed]
    known = [attempt for attempt in billed if attempt.cost is not None and not attempt.estimated]
    return [
        Figure("unknown, billed, with its cost", len(known), 0 if reconciled and api == "v2" else None),
        Figure("unknown, billed, cost not known", len(billed) - len(known), 0 if reconciled else None),
        Figure("unknown, not billed", len(doubts) - len(billed), 0 if reconciled else None),
    ]


def _charged(books: Books) -> Decimal:
    return sum((amount for call in books.provider for amount in call.charges), Decimal(0))


def _cost(books: Books, *, estimated: bool) -> Decimal:
    attempts = (attempt for attempt in books.site.attempts if attempt.estimated or not estimated)
    return sum((attempt.cost or Decimal(0) for attempt in attempts), Decimal(0))


def _not_shown(index: Index) -> int:
    """Return the number of generations that were charged and good, and have no visible picture."""
    good = {call.prompt_sha256 for call in index.charged if not _is_spoiled(index, call)}
    return len(good - {one.prompt_sha256 for one in index.site.generations if one.state == "done"})


def _is_spoiled(index: Index, call: Call) -> bool:
    """Return whether something else was delivered in place of the picture; with v2 in place of its file."""
    if call.version == "v1":
        return call.fault in SPOILED
    attempt = index.attempt(call)
    if attempt is None or attempt.state != "rejected" or attempt.id in index.disk.rejected_pictures:
        return False
    return index.disk.rejected.get(attempt.id) in call.delivered
