"""What keeps ledger entries, signed months and names of differences as they were written, below the ORM and every
script: triggers in the database.

Each migration's transaction ends with them in place (`keep_guarded`), so no other connection ever finds a table without
them. On PostgreSQL they are never taken away. On SQLite, changing a table makes a new one without its triggers, and no
table can be changed while a trigger names one that is missing: there they go at the beginning of the transaction, which
keeps all others from writing until it has put them back. Only a migration with `atomic = False` would leave a gap.

On SQLite `INSERT OR REPLACE` deletes what is in its way past the trigger for DELETE, so another one refuses the insert.

A release that adds a trigger needs a migration, if an empty one: without one that is pending, a missing trigger is an
error (generations.E004), and `migrate` stops at it.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.transaction import atomic

LEDGER, SIGNED, NAMED = "generations_ledgerentry", "generations_signoff", "generations_nameddifference"
SENTENCES = {
    LEDGER: "a ledger entry cannot be changed or deleted",
    SIGNED: "a signed month cannot be changed or deleted",
    NAMED: "the name of a difference cannot be changed or deleted",
}
# What an insert finds in its way, for each unique key of the table, and what it is told.
IN_THE_WAY = {
    LEDGER: ("id = NEW.id OR cause = NEW.cause", "this cause or id is booked already"),
    SIGNED: ("id = NEW.id OR (team_id = NEW.team_id AND month = NEW.month)", "it is signed already"),
    NAMED: (
        "id = NEW.id OR (key = NEW.key AND round = NEW.round) OR takes_back_id = NEW.takes_back_id",
        "it is named, or taken back, already",
    ),
}
FROZEN = "this month is signed off and takes no more entries"
# What the insert of an entry is asked on either database; `NEW` is the entry.
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
        for table, (condition, said) in IN_THE_WAY.items()
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
# Those that earlier releases put in place under other names.
OLD = {(f"ledger_keeps_{what}", LEDGER) for what in ("update", "delete", "replace", "rows", "table")}
EXISTING_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)",
}
# One that was switched off guards nothing.
ENABLED = {"sqlite": "", "postgresql": " AND t.tgenabled = 'O'"}

Trigger = tuple[str, str]


def install(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Put all of them in place as this release words them. Before its tables are there, a database has nothing to keep.

    In one transaction: nobody finds a moment between an old one and its successor.
    """
    with atomic(connection.alias):
        if connection.vendor == "sqlite":
            remove(connection)
        _run(connection, _statements(connection))
        _drop(connection, OLD | _without_their_tables(connection))


def complete(connection: BaseDatabaseWrapper) -> None:
    """Put in place those that are missing, and leave the others alone: PostgreSQL replaces none on a table that was
    written to in the same transaction."""
    missing = set(_wanted(connection)) - _there(connection)
    if missing:
        names = {name for name, _ in missing}
        _run(connection, [one for one in _statements(connection) if " FUNCTION " in one or _named(one) in names])
    _drop(connection, _without_their_tables(connection))


def remove(connection: BaseDatabaseWrapper) -> None:
    """For migrations on SQLite, and for tests, which empty their tables."""
    _drop(connection, OLD | set(_wanted(connection)) | _without_their_tables(connection))


def keep_guarded(connection: BaseDatabaseWrapper) -> None:
    """From now on what changes tables through this connection puts the triggers back before it commits."""
    plain = type(connection).SchemaEditorClass
    connection.SchemaEditorClass = type("GuardedSchemaEditor", (_Guarded, plain), {})


def are_in_place(connection: BaseDatabaseWrapper) -> bool:
    """True as well before the first migration."""
    return set(_wanted(connection)) <= _there(connection, ENABLED[connection.vendor])


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


def _there(connection: BaseDatabaseWrapper, condition: str = "") -> set[Trigger]:
    with connection.cursor() as cursor:
        cursor.execute(EXISTING_TRIGGERS[connection.vendor] + condition)
        return {(name, table) for name, table in cursor.fetchall()}


def _wanted(connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """Name and table of each trigger, as its statement says them."""
    return _triggers_of(_statements(connection))


def _triggers_of(statements: list[str]) -> Iterator[Trigger]:
    for statement in statements:
        if name := _named(statement):
            yield name, statement.split(" ON ", 1)[1].split()[0]


def _named(statement: str) -> str:
    """The trigger that a statement makes; empty where it makes a function."""
    head, found, rest = statement.partition("_keeps_")
    return head.split()[-1] + found + rest.split()[0] if found and " TRIGGER " in head else ""


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    """Those of which every table is there: a site of before, or one half-way through its migrations, lacks some."""
    missing = {LEDGER, SIGNED, NAMED} - set(connection.introspection.table_names())
    names = missing | ({"_frozen"} if SIGNED in missing else set())
    return [one for one in INSTALL[connection.vendor] if not any(name in one for name in names)]


def _without_their_tables(connection: BaseDatabaseWrapper) -> set[Trigger]:
    """Those on a table that is there which ask one that a migration has taken back: each insert would fail at it."""
    wanted = set(_wanted(connection))
    tables = {table for _, table in wanted}
    return {one for one in _triggers_of(INSTALL[connection.vendor]) if one not in wanted and one[1] in tables}


def _drop(connection: BaseDatabaseWrapper, unwanted: set[Trigger]) -> None:
    """Those of them that are there: on PostgreSQL even looking for one would lock the table."""
    of = " ON {}" if connection.vendor == "postgresql" else ""
    found = sorted(unwanted & _there(connection))
    _run(connection, [f"DROP TRIGGER {name}{of.format(table)}" for name, table in found])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
