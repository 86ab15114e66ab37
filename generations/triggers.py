"""Database triggers that keep ledger entries, signed months and explanations of discrepancies unchanged.

They also stop scripts that bypass the ORM. Each migration's transaction ends with them in place (`keep_guarded`), so no
other connection ever sees a table without them. On PostgreSQL they are never removed. On SQLite, changing a table
creates a new one without its triggers, and no table can be changed while a trigger names a missing one: there they are
removed at the beginning of the transaction, which stops all other writers until it has put them back. Only a migration
with `atomic = False` would leave a gap.

On SQLite `INSERT OR REPLACE` deletes conflicting rows without firing the trigger for DELETE, so another trigger rejects
the insert.

A release that adds a trigger needs a migration, even an empty one: without a pending one, a missing trigger is an error
(generations.E004), and `migrate` stops at it.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.transaction import atomic

LEDGER, SIGNED = "generations_ledgerentry", "generations_signoff"
EXPLAINED = "generations_discrepancyexplanation"
SENTENCES = {
    LEDGER: "a ledger entry cannot be changed or deleted",
    SIGNED: "a signed month cannot be changed or deleted",
    EXPLAINED: "an explanation of a discrepancy cannot be changed or deleted",
}
# The rows that conflict with an insert, for the unique keys of each table, and the error text.
CONFLICTS = {
    LEDGER: ("id = NEW.id OR idempotency_key = NEW.idempotency_key", "this idempotency_key or id is posted already"),
    SIGNED: ("id = NEW.id OR (team_id = NEW.team_id AND month = NEW.month)", "it is signed already"),
    EXPLAINED: (
        "id = NEW.id OR (key = NEW.key AND revision = NEW.revision) OR reverses_id = NEW.reverses_id",
        "it is explained, or reversed, already",
    ),
}
FROZEN = "this month is signed off and takes no more entries"
# The condition for rejecting a new entry on either database; `NEW` is the entry.
IS_FROZEN = f"EXISTS (SELECT 1 FROM {SIGNED} s WHERE s.team_id = NEW.team_id AND s.until > NEW.id)"  # noqa: S608

SQLITE = [
    *(
        f"CREATE TRIGGER IF NOT EXISTS {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        for table, sentence in SENTENCES.items()
        for verb in ("UPDATE", "DELETE")
    ),
    *(
        f"CREATE TRIGGER IF NOT EXISTS {table}_keeps_replace BEFORE INSERT ON {table} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {condition}) "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCES[table]}: {said}'); END"
        for table, (condition, said) in CONFLICTS.items()
    ),
    f"CREATE TRIGGER IF NOT EXISTS {LEDGER}_keeps_frozen BEFORE INSERT ON {LEDGER} WHEN {IS_FROZEN} "
    f"BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
]
RAISING = "RAISE EXCEPTION '{}' USING ERRCODE = 'integrity_constraint_violation'"
FUNCTION = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
POSTGRESQL = [
    *(
        statement
        for table, sentence in SENTENCES.items()
        for statement in (
            FUNCTION.format(f"{table}_keeps", f"{RAISING.format(sentence)};"),
            f"CREATE OR REPLACE TRIGGER {table}_keeps_rows BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_keeps()",
            f"CREATE OR REPLACE TRIGGER {table}_keeps_table BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_keeps()",
        )
    ),
    FUNCTION.format(f"{LEDGER}_frozen", f"IF {IS_FROZEN} THEN {RAISING.format(FROZEN)}; END IF; RETURN NEW;"),
    f"CREATE OR REPLACE TRIGGER {LEDGER}_keeps_frozen BEFORE INSERT ON {LEDGER} "
    f"FOR EACH ROW EXECUTE FUNCTION {LEDGER}_frozen()",
]
INSTALL = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
EXISTING_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)",
}
# A disabled trigger protects nothing.
ENABLED = {"sqlite": "", "postgresql": " AND t.tgenabled = 'O'"}

Trigger = tuple[str, str]


def install(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Create all triggers in this release's version, in one transaction, so that the ledger is never without them."""
    with atomic(connection.alias):
        if connection.vendor == "sqlite":
            remove(connection)
        _run(connection, _statements(connection))


def complete(connection: BaseDatabaseWrapper) -> None:
    """Create the missing triggers only, because PostgreSQL cannot replace one on a table written in the transaction."""
    missing = {name for name, _ in set(_wanted(connection)) - _existing(connection)}
    if missing:
        _run(connection, [one for one in _statements(connection) if " FUNCTION " in one or _name(one) in missing])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Remove all triggers; for migrations on SQLite, and for tests, which empty their tables.

    On PostgreSQL only those that exist, because even a DROP IF EXISTS would lock the table.
    """
    of = " ON {}" if connection.vendor == "postgresql" else ""
    found = sorted(set(_wanted(connection)) & _existing(connection))
    _run(connection, [f"DROP TRIGGER {name}{of.format(table)}" for name, table in found])


def keep_guarded(connection: BaseDatabaseWrapper) -> None:
    """Make every later schema change through this connection restore the triggers before it commits."""
    plain = type(connection).SchemaEditorClass
    connection.SchemaEditorClass = type("GuardedSchemaEditor", (_Guarded, plain), {})


def are_in_place(connection: BaseDatabaseWrapper) -> bool:
    """Return whether all triggers exist and are enabled; also True before the first migration."""
    return set(_wanted(connection)) <= _existing(connection, ENABLED[connection.vendor])


class _Guarded(BaseDatabaseSchemaEditor):
    def __enter__(self) -> "_Guarded":
        super().__enter__()
        if self.connection.vendor == "sqlite" and not self.collect_sql:
            remove(self.connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self.collect_sql:
            complete(self.connection)
        super().__exit__(kind, error, trace)


def _existing(connection: BaseDatabaseWrapper, condition: str = "") -> set[Trigger]:
    with connection.cursor() as cursor:
        cursor.execute(EXISTING_TRIGGERS[connection.vendor] + condition)
        return {(name, table) for name, table in cursor.fetchall()}


def _wanted(connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """Return name and table of each trigger, parsed from its statement."""
    for statement in _statements(connection):
        if name := _name(statement):
            yield name, statement.split(" ON ", 1)[1].split()[0]


def _name(statement: str) -> str:
    """Return the name of the trigger that a statement creates; empty for a function."""
    head, found, rest = statement.partition("_keeps_")
    return head.split()[-1] + found + rest.split()[0] if found and " TRIGGER " in head else ""


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the statements; none before the first migration has created the tables."""
    return INSTALL[connection.vendor] if LEDGER in connection.introspection.table_names() else []


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
