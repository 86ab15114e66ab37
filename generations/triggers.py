"""What keeps ledger entries, signed months and names of differences as they were written, below the ORM and every
script: triggers in the database.

They are taken away before each `migrate` and put in place after it: on SQLite, changing a table makes a new one without
its triggers, and no table can be changed while a trigger names one that is missing. There `INSERT OR REPLACE` deletes
what is in its way past the trigger for DELETE, so another one refuses the insert.
"""

from collections.abc import Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

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
    if wanted := _statements(connection):
        _run(connection, [*OLD[connection.vendor], *wanted])


def remove(connection: BaseDatabaseWrapper) -> None:
    """For migrations, and for tests, which empty their tables."""
    of = " ON {}" if connection.vendor == "postgresql" else ""
    _run(connection, [f"DROP TRIGGER IF EXISTS {name}{of.format(table)}" for name, table in _wanted(connection)])


def are_in_place(connection: BaseDatabaseWrapper) -> bool:
    """True as well before the first migration."""
    wanted = set(_wanted(connection))
    if not wanted:
        return True
    with connection.cursor() as cursor:
        cursor.execute(THERE[connection.vendor])
        return wanted <= {(name, table) for name, table in cursor.fetchall()}


def _wanted(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """Name and table of each trigger, as its statement says them."""
    for statement in _statements(connection):
        head, found, rest = statement.partition("_keeps_")
        if found and " TRIGGER " in head:
            yield head.split()[-1] + found + rest.split()[0], rest.split(" ON ", 1)[1].split()[0]


def _statements(connection: BaseDatabaseWrapper) -> list[str]:
    """Those for the tables that are there. Names of differences came last: a site of before has the triggers of the
    other two, which its migration must find and take away."""
    there = set(connection.introspection.table_names())
    if not {LEDGER, SIGNED} <= there:
        return []
    return [one for one in INSTALL[connection.vendor] if NAMED in there or NAMED not in one]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
