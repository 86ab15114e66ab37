"""What keeps ledger entries and signed months as they were written, below the ORM and every script: triggers in the
database.

They are taken away before each `migrate` and put in place after it: on SQLite, changing a table makes a new one without
its triggers, and no table can be changed while a trigger names one that is missing. There `INSERT OR REPLACE` deletes
what is in its way past the trigger for DELETE, so another one refuses the insert.
"""

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

LEDGER, SIGNED = "generations_ledgerentry", "generations_signoff"
SENTENCES = {
    LEDGER: "a ledger entry cannot be changed or deleted",
    SIGNED: "a signed month cannot be changed or deleted",
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
    f"CREATE TRIGGER IF NOT EXISTS {LEDGER}_keeps_replace BEFORE INSERT ON {LEDGER} "  # noqa: S608
    f"WHEN EXISTS (SELECT 1 FROM {LEDGER} WHERE id = NEW.id OR cause = NEW.cause) "
    f"BEGIN SELECT RAISE(ABORT, '{SENTENCES[LEDGER]}: this cause or id is booked already'); END",
    f"CREATE TRIGGER IF NOT EXISTS {SIGNED}_keeps_replace BEFORE INSERT ON {SIGNED} "  # noqa: S608
    f"WHEN EXISTS (SELECT 1 FROM {SIGNED} WHERE id = NEW.id OR (team_id = NEW.team_id AND month = NEW.month)) "
    f"BEGIN SELECT RAISE(ABORT, '{SENTENCES[SIGNED]}: it is signed already'); END",
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
OLD = {
    "sqlite": [f"DROP TRIGGER IF EXISTS ledger_keeps_{what}" for what in ("update", "delete", "replace")],
    "postgresql": [f"DROP TRIGGER IF EXISTS ledger_keeps_{what} ON {LEDGER}" for what in ("rows", "table")],
}
THERE = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "WHERE t.tgenabled = 'O' AND NOT t.tgisinternal",
}


def install(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Before its tables are there, a database has nothing to keep."""
    if _has_tables(connection):
        _run(connection, [*OLD[connection.vendor], *INSTALL[connection.vendor]])


def remove(connection: BaseDatabaseWrapper) -> None:
    """For migrations, and for tests, which empty their tables."""
    of = " ON {}" if connection.vendor == "postgresql" else ""
    if _has_tables(connection):
        _run(connection, [f"DROP TRIGGER IF EXISTS {name}{of.format(table)}" for name, table in _wanted(connection)])


def are_in_place(connection: BaseDatabaseWrapper) -> bool:
    """True as well before the first migration."""
    if not _has_tables(connection):
        return True
    with connection.cursor() as cursor:
        cursor.execute(THERE[connection.vendor])
        return set(_wanted(connection)) <= {(name, table) for name, table in cursor.fetchall()}


def _wanted(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Name and table of each trigger, as its statement says them."""
    for statement in INSTALL[connection.vendor]:
        head, found, rest = statement.partition("_keeps_")
        if found and " TRIGGER " in head:
            yield head.split()[-1] + found + rest.split()[0], rest.split(" ON ", 1)[1].split()[0]


def _has_tables(connection: BaseDatabaseWrapper) -> bool:
    return {LEDGER, SIGNED} <= set(connection.introspection.table_names())


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
