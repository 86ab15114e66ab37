"""The ledger entries behind a figure: its sum, its list and its file use the same filter."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from generations.models import SPENT, CollectionItem, EntryType, LedgerEntry, State, Tagging, Total, uuid7_min
from generations.queries.site.keyset import Cursor, Page, page
from generations.queries.spending.review.period import Period
from generations.queries.spending.review.scope import Scope

NONE = ""
MAX_NUMBER_LENGTH = 18
# Outcome of the generation that was charged; `failed` delivered no picture.
OUTCOMES = {
    "done": Q(generation__state=State.DONE),
    "failed": Q(generation__state=State.FAILED),
    "unknown": Q(generation__state=State.UNKNOWN),
    "waiting": Q(generation__state__in=[State.QUEUED, State.RUNNING]),
    "cancelled": Q(generation__state=State.CANCELLED),
}
COLUMNS: dict[str, Coalesce | F] = {
    # Deleted users keep their number, so a line stays what it was.
    "person": Coalesce("generation__author", "generation__former_author"), "model": F("generation__model"),
    "size": F("generation__size"), "speed": F("generation__speed"), "prompt_group": F("generation__prompt_group"),
    "cost_centre": F("generation__cost_centre"),
}  # fmt: skip


def entries(scope: Scope, period: Period, by: str = "", key: str = "") -> "QuerySet[LedgerEntry]":
    """Return charges and adjustments of the period, unordered.

    With `by` and `key` only those behind the line `key` of `spent_by(scope, period, by)`; none for an unknown `key`.
    """
    return narrowed(spent_between(scope, period.since, period.until), by, key)


def sum_of_entries(rows: "QuerySet[LedgerEntry]") -> Decimal:
    """Return the US dollars spent in these entries."""
    found: Decimal = rows.order_by().aggregate(total=Total("amount"))["total"]
    return -found


def sum_and_charges(rows: "QuerySet[LedgerEntry]") -> tuple[Decimal, int]:
    """Return the US dollars spent in these entries, and the number of charges among them."""
    found = rows.order_by().aggregate(total=Total("amount"), charges=Count("id", Q(kind=EntryType.CHARGE)))
    return -found["total"], found["charges"]


def entries_page(rows: "QuerySet[LedgerEntry]", cursor: Cursor, size: int) -> Page[LedgerEntry]:
    """Return a page of these entries, the newest first, with their pictures and attempts."""
    return page(rows.select_related("generation", "generation__image", "generation__author", "attempt"), cursor, size)


def spent_between(scope: Scope, since: datetime, until: datetime) -> "QuerySet[LedgerEntry]":
    """Return charges and adjustments from `since` until before `until`."""
    ids = {"id__gte": uuid7_min(since), "id__lt": uuid7_min(until)}
    return scope.entries.filter(kind__in=SPENT, **ids)


def narrowed(rows: "QuerySet[LedgerEntry]", by: str, key: str) -> "QuerySet[LedgerEntry]":
    """Return the entries of one line of a breakdown; all if `by` is empty, none for an invalid `by` or `key`."""
    if not by:
        return rows
    try:
        return rows.filter(CONDITIONS[by](key) if by in CONDITIONS else _in_column(by, key))
    # `by` and `key` come from the query string, so they may be no dimension, day, number or id.
    except (ValueError, KeyError, OverflowError):
        return rows.none()


def _on_day(key: str) -> Q:
    day = date.fromisoformat(key)
    period = Period(day, day)
    return Q(id__gte=uuid7_min(period.since), id__lt=uuid7_min(period.until))


def _with_outcome(key: str) -> Q:
    return Q(generation=None) if key == NONE else OUTCOMES[key]


def _in_collection(key: str) -> Q:
    inside = CollectionItem.objects.filter(generation=OuterRef("generation"))
    return ~Q(Exists(inside)) if key == NONE else Q(Exists(inside.filter(collection=uuid.UUID(key))))


def _with_tag(key: str) -> Q:
    worn = Tagging.objects.filter(generation=OuterRef("generation"))
    return ~Q(Exists(worn)) if key == NONE else Q(Exists(worn.filter(tag__name=key)))


def _in_column(by: str, key: str) -> Q:
    if by == "person":
        return _of_person(key)
    column = f"generation__{by}"
    if by not in COLUMNS:
        raise KeyError(by)
    return Q(**{column: key}) if key != NONE else Q(**{f"{column}__isnull": True}) | Q(**{column: ""})


def _of_person(key: str) -> Q:
    if key == NONE:
        return Q(generation__author=None, generation__former_author=None)
    number = _number(key)
    return Q(generation__author=number) | Q(generation__former_author=number)


def _number(key: str) -> int:
    """Return a primary key. Raises ValueError for more digits than any has, which the database would reject."""
    if not key.isdecimal() or len(key) > MAX_NUMBER_LENGTH:
        raise ValueError(key)
    return int(key)


CONDITIONS: dict[str, Callable[[str], Q]] = {
    "day": _on_day, "outcome": _with_outcome, "collection": _in_collection, "tag": _with_tag,
}  # fmt: skip
