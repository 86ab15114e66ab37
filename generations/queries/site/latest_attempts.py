"""Values of the latest stored attempts of several kinds of pictures."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from generations.models import Attempt, AttemptState, Generation, State

# Stand for the size and the speed in the parameters of the query.
SIZE, SPEED = "{size}", "{speed}"
Kind = tuple[str, str]


def latest_attempts(
    model: str, kinds: Collection[Kind], count: int, *columns: str, **conditions: object
) -> dict[Kind, list[tuple[Any, ...]]]:
    """Return `columns` of the stored attempts of the latest `count` pictures of each kind, a size and a speed.

    One query of one SELECT for each kind, at most 500 on SQLite: each reads the end of the index `history_by_kind`,
    however long the history is. Attempts of another provider do not count.
    """
    found: dict[Kind, list[tuple[Any, ...]]] = {kind: [] for kind in kinds}
    if not found:
        return found
    pictures = Generation.objects.filter(model=model, size=SIZE, speed=SPEED, state=State.DONE)
    latest = pictures.order_by("-id").values("id")[:count]
    attempts = Attempt.objects.of_this_provider().filter(generation__in=latest, state=AttemptState.STORED, **conditions)
    # Written once and repeated: Django takes fifteen times as long to write a union of so many query sets.
    writer = attempts.values_list("generation__size", "generation__speed", *columns).query.get_compiler("default")
    sql, values = writer.as_sql()
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join([f"SELECT * FROM ({sql}) AS kind"] * len(found)),  # noqa: S608  # Django's own text
            [{SIZE: size, SPEED: speed}.get(value, value) for size, speed in found for value in values],
        )
        for size, speed, *row in writer.results_iter([cursor.fetchall()]):
            found[size, speed].append(tuple(row))
    return found
