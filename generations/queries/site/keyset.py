"""Keyset pagination by one monotone id, newest first; works for any model.

A page is addressed by the id it begins after, so its address stays right while new rows arrive, and a deep page costs
as much as the first one.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Cursor:
    """At most one is set: `before` for older rows, `after` for the rows just newer."""

    before: uuid.UUID | None = None
    after: uuid.UUID | None = None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`older` and `newer` are the ids that the next and the previous page begin after, None at the ends."""

    rows: list[Row]
    older: uuid.UUID | None
    newer: uuid.UUID | None


def page(rows: "QuerySet[Row, Any]", cursor: Cursor, size: int) -> Page[Row]:
    """Return a page in one query; one row more than `size` is read to see whether the list goes on."""
    if cursor.after is not None:
        found = list(rows.filter(id__gt=cursor.after).order_by("id")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return Page(found, older=_id(found[-1]) if found else None, newer=_id(found[0]) if more else None)
    if cursor.before is not None:
        rows = rows.filter(id__lt=cursor.before)
    found = list(rows.order_by("-id")[: size + 1])
    more, found = len(found) > size, found[:size]
    newer = _id(found[0]) if found and cursor.before is not None else None
    return Page(found, older=_id(found[-1]) if more else None, newer=newer)


def neighbours(rows: "QuerySet[Row, Any]", of: uuid.UUID) -> tuple[Row | None, Row | None]:
    """Return the row just newer and the row just older than this id in the same list."""
    return rows.filter(id__gt=of).order_by("id").first(), rows.filter(id__lt=of).order_by("-id").first()


def _id(row: Model) -> uuid.UUID:
    return uuid.UUID(str(row.pk))
