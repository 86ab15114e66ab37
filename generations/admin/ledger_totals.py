"""The exact totals of a list of ledger entries."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from generations import ledger
from generations.admin.base import BoundedChangeList
from generations.admin.filters import DateRangeFilter
from generations.admin.formatting import format_money
from generations.models import EntryType, LedgerEntry, Total, uuid7_min

LABELS = {
    EntryType.HOLD: _("Reserved"), EntryType.RELEASE: _("Released"), EntryType.CHARGE: _("Charged"),
    EntryType.ADJUST: _("Adjusted"), EntryType.TOP_UP: _("Topped up"),
}  # fmt: skip
PARAMETER = "sum"
ALL = "all"


@dataclass(frozen=True)
class LedgerTotals:
    """Signed as in the ledger, so that the parts add up to the sum.

    `scope` says what was added up. `full_query` asks for the totals of the whole list when these are of a part.
    """

    scope: str
    parts: dict[EntryType, Decimal]
    full_query: str = ""

    @property
    def sum(self) -> Decimal:
        return sum(self.parts.values(), ledger.ZERO)

    @property
    def rows(self) -> Iterator[tuple[str, str]]:
        yield from ((str(LABELS[kind]), format_money(amount)) for kind, amount in self.parts.items())
        yield str(_("Total")), format_money(self.sum)


def parts(rows: "QuerySet[LedgerEntry]") -> dict[EntryType, Decimal]:
    # All kinds are named, so that the index by kind is used.
    groups = rows.filter(kind__in=EntryType.values).order_by().values_list("kind").annotate(total=Total("amount"))
    found = dict(groups)
    return {kind: found.get(kind, ledger.ZERO) for kind in LABELS}


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
            return LedgerTotals(str(_("Totals for all results, in US dollars")), parts(self.queryset))
        first = ledger.month_of(timezone.now())[0]
        rows = self.queryset.filter(id__gte=uuid7_min(first))
        scope = _("Totals for %(month)s, in US dollars") % {"month": date_format(first, "YEAR_MONTH_FORMAT")}
        return LedgerTotals(scope, parts(rows), self.get_query_string({PARAMETER: ALL}))
