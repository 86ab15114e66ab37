"""File exports: ledger entries and breakdowns as CSV, and the charges as a FOCUS dataset.

Amounts are exact, and text that a spreadsheet would evaluate is quoted. Rows are read in batches, by id, so that a year
needs no more memory than a day.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from generations import ledger
from generations.models import EntryType, Generation, LedgerEntry, State, User, name_in, uuid7_time
from generations.services.site.csv_lines import csv_cell, csv_head, csv_line

BATCH_SIZE = 500
COLUMNS = [
    "entry", "booked_at", "day", "kind", "amount_usd", "is_estimate", "person", "picture", "prompt", "model", "size",
    "speed", "outcome", "note", "cost_centre",
]  # fmt: skip
# Every mandatory column of FOCUS 1.2 in the order of its documentation, and the optional ones known here.
FOCUS_COLUMNS = [
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity",
    "PricingUnit", "ProviderName", "PublisherName", "ResourceId", "ServiceCategory", "ServiceName",
    "ServiceSubcategory", "SubAccountId", "SubAccountName", "Tags", "x_EntryId", "x_IsEstimate",
]  # fmt: skip
PROVIDER = "Segmind"
SECOND = timedelta(seconds=1)
WAITING = {State.QUEUED, State.RUNNING}


def entries_file(*, actor: User, rows: "QuerySet[LedgerEntry]") -> Iterator[bytes]:
    """Stream the entries as CSV, oldest first; prompts and notes only of pictures that the actor may read."""
    yield csv_head(COLUMNS)
    for some in _parts(rows):
        read = readable(actor, some)
        for entry in some:
            yield csv_line(_entry(entry, read))


def breakdown_file(name: str, lines: Iterable[tuple[str, Decimal, int]]) -> Iterator[bytes]:
    """Stream a breakdown as CSV: name, exact sum in US dollars, number of paid calls."""
    yield csv_head([name, "spent_usd", "paid_calls"])
    for said, spent, charges in lines:
        yield csv_line([csv_cell(said), _exact(spent), charges])


def focus_file(*, rows: "QuerySet[LedgerEntry]") -> Iterator[bytes]:
    """Stream a row for each charge and adjustment, in FOCUS columns; docs/credits.md says which are null, and why.

    Without a byte order mark: the specification names none, and a reader that keeps it would not find the first column.
    """
    yield csv_line(FOCUS_COLUMNS)
    for some in _parts(rows):
        charged = _charged_at([entry.attempt_id for entry in some if entry.kind == EntryType.ADJUST])
        for entry in some:
            row = _focus(entry, charged.get(entry.attempt_id))
            yield csv_line([row.get(column, "") for column in FOCUS_COLUMNS])


def readable(actor: User, entries: Sequence[LedgerEntry]) -> Set[uuid.UUID]:
    """Return the ids of these entries' pictures whose prompts the user may read.

    Other users' prompts are readable once their pictures are finished.
    """
    ids = {entry.generation_id for entry in entries if entry.generation_id}
    rows = Generation.objects.visible_to(actor).filter(id__in=ids).values_list("id", "state", "author")
    return {id_ for id_, state, author in rows if state not in WAITING or author == actor.pk}


def _parts(rows: "QuerySet[LedgerEntry]") -> Iterator[list[LedgerEntry]]:
    whole = rows.select_related("generation", "generation__author", "generation__ordered_for", "team").order_by("id")
    some = list(whole[:BATCH_SIZE])
    while some:
        yield some
        some = list(whole.filter(id__gt=some[-1].id)[:BATCH_SIZE])


def _entry(entry: LedgerEntry, read: Set[uuid.UUID]) -> list[object]:
    row, booked = entry.generation, uuid7_time(entry.id)
    told = row is not None and row.id in read
    picture: list[object] = ["", "", "", "", "", ""]
    if row is not None:
        words = row.prompt if told else ""
        picture = [str(row.id) if told else "", csv_cell(words), row.model, row.size, row.speed, row.state]
    author, cost_centre = (csv_cell(name_in(row, "author", "")), csv_cell(row.cost_centre)) if row else ("", "")
    return [
        str(entry.id), _utc(booked), timezone.localdate(booked).isoformat(), entry.kind, _exact(-entry.amount),
        "yes" if entry.estimated else "no", author, *picture, csv_cell(entry.note) if told or row is None else "",
        cost_centre,
    ]  # fmt: skip


def _focus(entry: LedgerEntry, charged: datetime | None) -> dict[str, object]:
    booked = uuid7_time(entry.id).replace(microsecond=0)
    begins, ends = ledger.month_of(booked)
    cost = _exact(-entry.amount)
    adjusts = entry.kind == EntryType.ADJUST
    row = entry.generation
    return {
        "BilledCost": cost, "ContractedCost": cost, "EffectiveCost": cost, "ListCost": cost, "BillingCurrency": "USD",
        "BillingAccountId": PROVIDER.lower(),
        "BillingAccountName": f"This site's {PROVIDER} account",
        "BillingPeriodStart": _utc(begins), "BillingPeriodEnd": _utc(ends),
        "ChargePeriodStart": _utc(booked), "ChargePeriodEnd": _utc(booked + SECOND),
        "ChargeCategory": "Adjustment" if adjusts else "Usage", "ChargeFrequency": "Usage-Based",
        # Only for charges of an earlier month: FOCUS does not call an adjustment within the month a correction.
        "ChargeClass": "Correction" if adjusts and charged and charged < begins else "",
        "ChargeDescription": _description(entry),
        "PricingQuantity": "" if adjusts else "1", "PricingUnit": "" if adjusts else "Requests",
        "InvoiceIssuerName": PROVIDER, "ProviderName": PROVIDER, "PublisherName": PROVIDER,
        "ServiceCategory": "AI and Machine Learning", "ServiceSubcategory": "Generative AI",
        "ServiceName": row.model if row else "Provider check",
        "ResourceId": str(row.id) if row else "", "SubAccountId": entry.team.slug,
        "SubAccountName": csv_cell(entry.team.name), "Tags": _tags(row), "x_EntryId": str(entry.id),
        "x_IsEstimate": "true" if entry.estimated else "false",
    }  # fmt: skip


def _description(entry: LedgerEntry) -> str:
    """Describe the charge without its prompt, because accountants who receive the file may not see the gallery."""
    if entry.kind == EntryType.ADJUST:
        return "Charge corrected to the provider's amount"
    return "One picture generated" if entry.generation_id else "Provider check"


def _tags(row: Generation | None) -> str:
    """Return person, size, speed, collection and cost centre as a JSON object, the format of FOCUS tags."""
    if row is None:
        return "{}"
    named = {
        "person": name_in(row, "author", ""), "size": row.size or None,
        "speed": row.speed or None, "collection": row.ordered_for.name if row.ordered_for else None,
        "cost_centre": row.cost_centre,
    }  # fmt: skip
    return json.dumps({name: value for name, value in named.items() if value}, ensure_ascii=False)


def _charged_at(attempts: Sequence[Any]) -> dict[Any, datetime]:
    rows = LedgerEntry.objects.filter(attempt__in=attempts, kind=EntryType.CHARGE).values_list("attempt", "id")
    return {attempt: uuid7_time(id_) for attempt, id_ in rows}


def _exact(amount: Decimal) -> str:
    """Return the amount with all ten places and without an exponent."""
    return f"{amount:.10f}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
