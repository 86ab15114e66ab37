"""A database of the first release, and what another connection may do while it is upgraded.

`python -m tests.infrastructure.upgrade VERB` acts on the database that the environment names, as `manage.py` does, and
prints its result as JSON. `fill` puts a paid picture into it; the others are below.

The files in `releases/` are made by `manage.py migrate`, `fill`, and `sqlite3 FILE .dump` or
`pg_dump --inserts --no-owner --no-privileges` without comments and commands of psql.
"""

import json
import os
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import django
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now

from generations.checks import FIRST_MIGRATION

RELEASES = Path(__file__).parent / "releases"
CENT = Decimal("0.01")
LEDGER = "generations_ledgerentry"
ATTEMPTS = [f"UPDATE {LEDGER} SET note = 'mine'", f"DELETE FROM {LEDGER}"]  # noqa: S608


def load(address: str, release: str) -> None:
    """Load the dump of a release into an empty database; the address is one of SQLite or PostgreSQL."""
    if address.startswith("sqlite:///"):
        with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as database, database:
            database.executescript((RELEASES / f"{release}.sqlite.sql").read_text())
        return
    with psycopg.connect(address, autocommit=True) as server:
        server.execute((RELEASES / f"{release}.postgresql.sql").read_bytes())


def fill() -> None:
    def create(model: str, /, **fields: Any) -> Any:
        return apps.get_model("generations", model).objects.create(**fields)

    alice, team = (
        create("User", email="alice@example.test", password="x"),
        create("Team", name="Harbour", slug="harbour"),
    )
    create("Membership", user=alice, team=team, role="owner")
    words = {"model": "hidream-l1-fast", "parameters": {}, "prompt": "a quiet harbour", "width": 1024, "height": 1024}
    row = create("Generation", author=alice, team=team, state="done", finished_at=Now(), cost=CENT, **words)
    attempt = create("Attempt", generation=row, number=1, state="stored", estimate=CENT, cost=CENT, sent_at=Now())
    entry = {"team": team, "generation": row, "actor": alice}
    for kind, amount in (("hold", -CENT), ("release", CENT)):
        create("LedgerEntry", kind=kind, amount=amount, idempotency_key=f"{kind}:{row.id}:1", **entry)
    create("LedgerEntry", kind="charge", amount=-CENT, idempotency_key=f"charge:{attempt.id}", attempt=attempt, **entry)


def upgrade() -> dict[str, Any]:
    """Migrate; before each statement another connection tries to change the ledger. Return what it was answered."""
    answers: Counter[str] = Counter()
    other = Other()

    def between(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answers.update(other.tries())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(between):
        call_command("migrate", verbosity=0)
    answers.update(other.tries())
    return {"answers": answers, "rows": rows(), "schema": schema()}


class Other:
    """Another connection, which never waits for a lock."""

    def __init__(self) -> None:
        if connection.vendor == "sqlite":
            self.line: Any = sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)
            self.statements = ATTEMPTS
        else:
            self.line = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
            self.line.execute("SET lock_timeout = '5ms'")
            self.statements = [*ATTEMPTS, f"TRUNCATE {LEDGER}"]

    def tries(self) -> list[str]:
        return [self._try(statement) for statement in self.statements]

    def _try(self, statement: str) -> str:
        self.line.execute("BEGIN")
        try:
            self.line.execute(statement)
            return f"accepted: {statement}"
        except (sqlite3.Error, psycopg.Error) as error:
            said = str(error).lower()
            answers = {"cannot be changed": "refused", "lock": "busy"}
            return next((answer for word, answer in answers.items() if word in said), said)
        finally:
            self.line.execute("ROLLBACK")


def schema() -> dict[str, Any]:
    """Return columns and constraints of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = connection.introspection.get_table_description(cursor, table)
            constraints = connection.introspection.get_constraints(cursor, table)
            found[table] = [
                sorted((one.name, str(one.type_code), bool(one.null_ok)) for one in columns),
                sorted(
                    (str(one["columns"]), one["unique"], one["check"], one["index"]) for one in constraints.values()
                ),
            ]
    return found


def rows() -> dict[str, Any]:
    """Return what `fill` has made."""
    pictures = apps.get_model("generations", "Generation").objects.values_list("prompt", flat=True)
    entries = apps.get_model("generations", "LedgerEntry").objects
    charged = [str(one.amount) for one in entries.filter(kind="charge")]
    return {"pictures": list(pictures), "entries": entries.count(), "charged": ", ".join(charged)}


def new() -> dict[str, Any]:
    """Migrate an empty database; return its schema."""
    call_command("migrate", verbosity=0)
    return schema()


def age() -> dict[str, Any]:
    """Make a database record the migrations from before the first release; return its schema."""
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("generations", FIRST_MIGRATION)
    for name in ("0001_initial", "0028_demo"):
        recorder.record_applied("generations", name)
    return schema()


VERBS = {"fill": fill, "upgrade": upgrade, "schema": schema, "new": new, "age": age}

if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(VERBS[sys.argv[1]]()))
