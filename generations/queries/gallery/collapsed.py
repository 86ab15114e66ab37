"""Finished pictures of one batch as one card."""

import uuid
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from generations.models import Generation, State, User


def newest_of_batches(rows: "QuerySet[Generation]", viewer: User) -> "QuerySet[Generation]":
    """Leave out finished pictures for which the user can see a newer one of the same batch.

    What is in progress or failed stays. A page in the order of ids stays one: whether a row belongs to it is decided
    by the row and its batch alone, with one look at the index of batches for each row that is read.
    """
    # An expression, so that PostgreSQL looks the batch up and never reads all newer pictures by their ids.
    newer = _finished(viewer).annotate(key=Coalesce("id", "id")).filter(batch=OuterRef("batch"), key__gt=OuterRef("id"))
    # An OR, so that PostgreSQL asks row by row and never joins the whole table.
    return rows.filter(~Q(state=State.DONE) | ~Exists(newer))


def batch_sizes(viewer: User, batches: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many finished pictures the user can see of each of these batches."""
    found = _finished(viewer).filter(batch__in=list(batches)).order_by()
    return dict(found.values_list("batch").annotate(count=Count("id")))


def _finished(viewer: User) -> "QuerySet[Generation]":
    """Return the finished pictures that a member sees; the batch decides the team, and must be what SQLite looks up.

    With the team or with one state to compare, its planner takes an index of the gallery for each row instead.
    """
    unfinished = [state for state in State if state != State.DONE]
    return Generation.objects.seen_by_member(viewer).shown().exclude(state__in=unfinished)
