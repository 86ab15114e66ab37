"""Keep rate: how many of the pictures charged in a period were kept, and how many were never opened.

Kept is a picture that is a favourite, is in a collection, was shared by a link, or was downloaded.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from generations.models import PLACES, CollectionItem, Favourite, LedgerEntry, ShareLink, Total
from generations.queries.spending.review.entries import COLUMNS, NONE, spent_between
from generations.queries.spending.review.period import Period
from generations.queries.spending.review.scope import Scope

KEEP_RATE_DIMENSIONS = ("person", "prompt_group", "size", "speed")


@dataclass(frozen=True)
class KeepRate:
    """Counts of charged pictures, of those kept and those never opened (`unseen`); amounts in US dollars."""

    key: str
    pictures: int
    spent: Decimal
    kept: int
    unseen: int
    unseen_spent: Decimal

    @property
    def per_kept(self) -> Decimal | None:
        """Return all spending divided by the number of kept pictures; None if none was kept."""
        return (self.spent / self.kept).quantize(PLACES) if self.kept else None

    @property
    def kept_per_cent(self) -> int:
        return round(self.kept * 100 / self.pictures) if self.pictures else 0


def keep_rate(scope: Scope, period: Period, by: str = "") -> list[KeepRate]:
    """Return a line for each key of a dimension, ordered by key, or one line with an empty key; none without pictures.

    Raises ValueError unless `by` is empty or one of KEEP_RATE_DIMENSIONS.
    """
    if by and by not in KEEP_RATE_DIMENSIONS:
        raise ValueError(f"Worth is not told by {by!r}; it is by one of {', '.join(KEEP_RATE_DIMENSIONS)}.")
    rows = spent_between(scope, period.since, period.until).filter(generation__isnull=False)
    marked = _marked(rows).order_by()
    if not by:
        whole = marked.aggregate(**FIGURES)
        return [_line(NONE, **whole)] if whole["pictures"] else []
    found: Any = marked.values(key=COLUMNS[by]).annotate(**FIGURES)
    return sorted((_line(row.pop("key"), **row) for row in found), key=lambda line: line.key)


FIGURES = {
    "pictures": Count("generation", distinct=True),
    "spent": Total("amount"),
    "kept": Count("generation", Q(is_kept=True), distinct=True),
    "unseen": Count("generation", Q(is_unseen=True), distinct=True),
    "unseen_spent": Total("amount", filter=Q(is_unseen=True)),
}


def _marked(rows: "QuerySet[LedgerEntry]") -> "QuerySet[LedgerEntry]":
    same = OuterRef("generation")
    kept = (
        Q(generation__downloaded_at__isnull=False)
        | Q(Exists(Favourite.objects.filter(generation=same)))
        | Q(Exists(CollectionItem.objects.filter(generation=same)))
        | Q(Exists(ShareLink.objects.filter(generation=same)))
    )
    unseen = Q(generation__opened_at=None, generation__image__isnull=False)
    return rows.annotate(is_kept=_whether(kept), is_unseen=_whether(unseen))


def _whether(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _line(key: object, *, pictures: int, spent: Decimal, kept: int, unseen: int, unseen_spent: Decimal) -> KeepRate:
    return KeepRate(NONE if key is None else str(key), pictures, -spent, kept, unseen, -unseen_spent)
