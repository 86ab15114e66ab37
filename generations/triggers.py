"""What keeps ledger entries as they were written, below the ORM and every script: triggers in the database.

They are put in place after each `migrate`, and again where they are missing: on SQLite, changing a table makes a new
one without its triggers. There `INSERT OR REPLACE` deletes what is in its way past the trigger for DELETE, so a third
one refuses the insert.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "generations_ledgerentry"
SENTENCE = "a ledger entry cannot be changed or deleted"

INSTALL = {
    "sqlite": [
        f"CREATE TRIGGER IF NOT EXISTS ledger_keeps_{verb.lower()} BEFORE {verb} ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    + [
        f"CREATE TRIGGER IF NOT EXISTS ledger_keeps_replace BEFORE INSERT ON {TABLE} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR cause = NEW.cause) "
        f"BEGIN SELECT RAISE(ABORT, '{SENTENCE}: this cause or id is booked already'); END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION ledger_keeps() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE OR REPLACE TRIGGER ledger_keeps_rows BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_keeps()",
        f"CREATE OR REPLACE TRIGGER ledger_keeps_table BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_keeps()",
    ],
}
REMOVE = {
    "sqlite": [f"DROP TRIGGER IF EXISTS ledger_keeps_{what}" for what in ("update", "delete", "replace")],
    "postgresql": [f"DROP TRIGGER IF EXISTS ledger_keeps_{what} ON {TABLE}" for what in ("rows", "table")],
}
COUNT = {
    "sqlite": f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{TABLE}'",  # noqa: S608
    "postgresql": f"SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'ledger_keeps_%' AND tgenabled = 'O'"  # noqa: S608
    f" AND tgrelid = to_regclass('{TABLE}')",
}
EXPECTED = {"sqlite": 3, "postgresql": 2}


def install(connection: BaseDatabaseWrapper, **_: Any) -> None:
    _run(connection, INSTALL[connection.vendor])


def remove(connection: BaseDatabaseWrapper) -> None:
    """For tests, which empty their tables."""
    _run(connection, REMOVE[connection.vendor])


def are_in_place(connection: BaseDatabaseWrapper) -> bool:
    """True as well before the first migration: there is nothing to keep yet."""
    if TABLE not in connection.introspection.table_names():
        return True
    with connection.cursor() as cursor:
        cursor.execute(COUNT[connection.vendor])
        return bool(cursor.fetchone()[0] == EXPECTED[connection.vendor])


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    if TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
