"""The whole database as a value, and the differences between two of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from collections.abc import Collection as Some
from contextlib import contextmanager
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction

# Sessions and their messages are written by the most harmless request.
OWN_BUSINESS = {"generations_session", "django_migrations"}
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "WITH", "PRAGMA", "EXPLAIN")
WRITTEN = re.compile(r'(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "(\w+)"')
Dump = dict[str, tuple[list[str], list[tuple[str, ...]]]]


class Writes:
    """The tables that were written, because comparing all of them after each of thousands of requests is slow."""

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
        """Return the changes; no trigger of ours writes, and Django names the tables of a cascade."""
        tables = set(before) if self.unread else self.tables & set(before)
        return changes({name: before[name] for name in tables}, dump(tables)) if tables else set()


@contextmanager
def taken_back() -> Iterator[None]:
    """Roll back what is written in the block."""
    caches["shared"].clear()  # so that earlier requests use up no emails and no tries
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def dump(tables: Some[str] = ()) -> Dump:
    """Return the rows of these tables, of all when none is given."""
    with connection.cursor() as cursor:
        names = tables or set(connection.introspection.table_names(cursor)) - OWN_BUSINESS
        return {table: _rows(cursor, table) for table in sorted(names)}


def _rows(cursor: Any, table: str) -> tuple[list[str], list[tuple[str, ...]]]:
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  the names come from the database itself
    names = [column.name if hasattr(column, "name") else column[0] for column in cursor.description]
    return names, sorted(tuple(map(str, row)) for row in cursor.fetchall())


def changes(before: Dump, after: Dump) -> set[str]:
    """Return `table.column` for a changed column, `table` where rows were added or removed."""
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
