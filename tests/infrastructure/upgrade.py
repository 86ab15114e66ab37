"""A site of an earlier release, and its upgrade.

`python -m tests.infrastructure.upgrade WORD` acts on the site that the environment names, as `manage.py` does. `make
MIGRATION` migrates to the state of an earlier release, with one paid picture and the triggers of that time. `watch`
runs `migrate`; before each of its statements another connection tries to change the ledger. It prints as JSON how often
each answer occurred.
"""

import json
import os
import sqlite3
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

import django
import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from generations import triggers

FIRST = ("generations", "0001_initial")
LEDGER = triggers.LEDGER
ATTEMPTS = [f"UPDATE {LEDGER} SET note = 'mine'", f"DELETE FROM {LEDGER}"]  # noqa: S608
OLD_NAMES = {"sqlite": ["update", "delete", "replace"], "postgresql": ["rows", "table"]}


def make(migration: str) -> None:
    call_command("migrate", *FIRST, verbosity=0)
    fill()
    if migration not in FIRST:
        call_command("migrate", "generations", migration, verbosity=0)
        age()


def fill() -> None:
    apps = MigrationLoader(connection).project_state(FIRST).apps
    make = {name: apps.get_model("generations", name).objects.create for name in ("Team", "User")}
    generation, attempt = (apps.get_model("generations", name).objects.create for name in ("Generation", "Attempt"))
    words = {"model": "hidream-l1-fast", "parameters": {}, "prompt": "a harbour", "width": 1024, "height": 1024}
    row = generation(
        author=make["User"](email="alice@example.test", password="x"),
        team=make["Team"](name="Harbour", slug="harbour"),
        state="done", finished_at=timezone.now(), **words,
    )  # fmt: skip
    cost = Decimal("0.01")
    attempt(generation=row, n=1, state="stored", seed=7, estimate=cost, cost=cost, sent_at=timezone.now())


def age() -> None:
    """Rename or drop triggers to match an old release: explanations and signed months had none, others old names."""
    with connection.cursor() as cursor:
        there = triggers._there(connection)
        of = " ON {}" if connection.vendor == "postgresql" else ""
        for name, table in there:
            if table == triggers.NAMED or "_frozen" in name:
                cursor.execute(f"DROP TRIGGER {name}{of.format(table)}")
        for what in OLD_NAMES[connection.vendor]:
            new, old = f"{LEDGER}_keeps_{what}", f"ledger_keeps_{what}"
            if connection.vendor == "postgresql":
                cursor.execute(f"ALTER TRIGGER {new} ON {LEDGER} RENAME TO {old}")
                continue
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [new])
            (made,) = cursor.fetchone()
            cursor.execute(made.replace(new, old))
            cursor.execute(f"DROP TRIGGER {new}")


def watch() -> None:
    found: Counter[str] = Counter()
    other = Other()

    def between(execute, sql, params, many, context):
        found.update(other.tries())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(between):
        call_command("migrate", verbosity=0)
    found.update(other.tries())
    sys.stdout.write(json.dumps(found))


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

    def tries(self):
        return [self._try(statement) for statement in self.statements]

    def _try(self, statement: str) -> str:
        self.line.execute("BEGIN")
        try:
            rows = self.line.execute(statement).rowcount
            return "nothing there" if rows == 0 else f"accepted: {statement}"
        except (sqlite3.Error, psycopg.Error) as error:
            said = str(error).lower()
            answers = {
                "cannot be changed": "refused",
                "lock": "busy",
                "does not exist": "no table",
                "no such": "no table",
            }
            return next((answer for word, answer in answers.items() if word in said), said)
        finally:
            self.line.execute("ROLLBACK")


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        watch()
