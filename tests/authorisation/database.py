"""The whole database as a value, and what is different between two of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Collection as Some
from contextlib import contextmanager
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction

# Whose session is used, and what it says to her on the next page, is written by the most harmless request.
OWN_BUSINESS = {"generations_session", "django_migrations"}
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "WITH", "PRAGMA", "EXPLAIN")
WRITTEN = re.compile(r'(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "(\w+)"')
Dump = dict[str, tuple[list[str], list[tuple[str, ...]]]]


class Writes:
    """Which tables were written: to compare all of them after each of thousands of requests takes its time."""

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.unread = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip(" (").upper().startswith(READS):
            found = WRITTEN.match(sql)
            self.tables |= {found[1]} if found else set()
            self.unread = self.unread or not found
        return execute(sql, params, many, context)

    def changes(self, before: "Dump") -> set[str]:
        """No trigger of ours writes, and Django itself says what a deletion takes along."""
        tables = set(before) if self.unread else self.tables & set(before)
        return changes({name: before[name] for name in tables}, dump(tables)) if tables else set()


@contextmanager
def taken_back() -> Iterator[None]:
    """What is written inside is gone afterwards."""
    caches["shared"].clear()  # who asked before has used up no letters and no tries
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def dump(tables: Some[str] = ()) -> Dump:
    """Of all tables where none are named."""
    with connection.cursor() as cursor:
        names = tables or set(connection.introspection.table_names(cursor)) - OWN_BUSINESS
        return {table: _rows(cursor, table) for table in sorted(names)}


def _rows(cursor: Any, table: str) -> tuple[list[str], list[tuple[str, ...]]]:
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  the names come from the database itself
    names = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
    return names, sorted(tuple(map(str, row)) for row in cursor.fetchall())


def changes(before: Dump, after: Dump) -> set[str]:
    """`table.column` for what is different in a row, `table` where rows have come or gone."""
    told = set()
    for table, (names, rows) in before.items():
        now = after[table][1]
        if rows == now:
            continue
        gone = sorted((Counter(rows) - Counter(now)).elements())
        come = sorted((Counter(now) - Counter(rows)).elements())
        if len(gone) != len(come):
            told.add(table)
            continue
        pairs = zip(gone, come, strict=True)
        told |= {f"{table}.{name}" for old, new in pairs for name, a, b in zip(names, old, new, strict=True) if a != b}
    return told
