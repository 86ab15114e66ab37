"""The exact totals of a list of ledger entries."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from generations import ledger
from generations.admin.base import BoundedChangeList
from generations.admin.filters import DateRangeFilter
from generations.admin.formatting import format_money
from generations.models import EntryType, LedgerEntry, Total, uuid7_min

LABELS = {
    EntryType.HOLD: "Held", EntryType.RELEASE: "Released", EntryType.CHARGE: "Charged", EntryType.ADJUST: "Adjusted",
    EntryType.TOP_UP: "Topped up",
}  # fmt: skip
PARAMETER = "sum"
ALL = "all"


@dataclass(frozen=True)
class LedgerTotals:
    """Signed as in the ledger, so that the parts add up to the sum.

    `scope` names what was added up. `full_query` asks for the totals of the whole list when these are of a part.
    """

    scope: str
    parts: dict[str, Decimal]
    full_query: str = ""

    @property
    def sum(self) -> Decimal:
        return sum(self.parts.values(), ledger.ZERO)

    @property
    def rows(self) -> Iterator[tuple[str, str]]:
        yield from ((label, format_money(amount)) for label, amount in self.parts.items())
        yield "Sum", format_money(self.sum)


def parts(rows: "QuerySet[LedgerEntry]") -> dict[str, Decimal]:
    # All kinds are named, so that the index by kind is used.
    groups = rows.filter(kind__in=EntryType.values).order_by().values_list("kind").annotate(total=Total("amount"))
    found = dict(groups)
    return {label: found.get(kind, ledger.ZERO) for kind, label in LABELS.items()}


class SumAllParameter(admin.ListFilter):
    """No filter, but a name in the query string: it asks for the totals of the whole list."""

    title = PARAMETER
    parameters = {PARAMETER: ""}

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        params.pop(PARAMETER, None)

    def has_output(self) -> bool:
        return False


class LedgerChangeList(BoundedChangeList):
    @property
    def totals(self) -> LedgerTotals:
        """Add up the whole list if it is short, limited to days, or if that was asked for; else this month.

        Adding up years of entries on every view of the newest ones would be slow.
        """
        is_short = not self.paginator.is_capped
        is_asked_for = self.params.get(PARAMETER) == ALL
        if is_short or is_asked_for or any(self.params.get(name) for name in DateRangeFilter.parameters):
            scope = f"all {self.result_count:,} listed" if is_short else "everything the filters name"
            return LedgerTotals(scope, parts(self.queryset))
        first, _ = ledger.month_of(timezone.now())
        rows = self.queryset.filter(id__gte=uuid7_min(first))
        return LedgerTotals(
            f"{first:%B %Y}, of a list that is longer", parts(rows), self.get_query_string({PARAMETER: ALL})
        )
