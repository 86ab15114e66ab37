"""What the entries of a list add up to, to the last place."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from generations import ledger
from generations.admin.filters import Days
from generations.admin.windows import List
from generations.admin.words import money
from generations.models import EntryType, LedgerEntry, Total, uuid7_min

WORDS = {
    EntryType.HOLD: "Held", EntryType.RELEASE: "Released", EntryType.CHARGE: "Charged", EntryType.ADJUST: "Adjusted",
    EntryType.TOP_UP: "Topped up",
}  # fmt: skip
ASKED = "sum"
ALL = "all"


@dataclass(frozen=True)
class Totals:
    """Signed as the ledger is, so that the parts make the sum. `of` says what was added up, `wider` is where the whole
    list is added up when this is only a part of it.
    """

    of: str
    parts: dict[str, Decimal]
    wider: str = ""

    @property
    def sum(self) -> Decimal:
        return sum(self.parts.values(), ledger.ZERO)

    @property
    def shown(self) -> Iterator[tuple[str, str]]:
        yield from ((word, money(amount)) for word, amount in self.parts.items())
        yield "Sum", money(self.sum)


def parts(rows: "QuerySet[LedgerEntry]") -> dict[str, Decimal]:
    # All kinds are named, so that an index by kind answers.
    groups = rows.filter(kind__in=EntryType.values).order_by().values_list("kind").annotate(total=Total("amount"))
    found = dict(groups)
    return {word: found.get(kind, ledger.ZERO) for kind, word in WORDS.items()}


class WholeList(admin.ListFilter):
    """No filter: the word in the address by which somebody asks for the sum of all that is listed."""

    title = ASKED
    parameters = {ASKED: ""}

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        params.pop(ASKED, None)

    def has_output(self) -> bool:
        return False


class SummedList(List):
    @property
    def totals(self) -> Totals:
        """Of the whole list where it is short, has its days, or somebody asked; else of this month.

        To add up years of everything for each look at the newest entries would take its time.
        """
        short = not self.paginator.goes_on
        asked = self.params.get(ASKED) == ALL
        if short or asked or any(self.params.get(name) for name in Days.parameters):
            of = f"all {self.result_count:,} listed" if short else "everything the filters name"
            return Totals(of, parts(self.queryset))
        first, _ = ledger.month_of(timezone.now())
        rows = self.queryset.filter(id__gte=uuid7_min(first))
        return Totals(f"{first:%B %Y}, of a list that is longer", parts(rows), self.get_query_string({ASKED: ALL}))
