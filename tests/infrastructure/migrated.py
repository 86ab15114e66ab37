"""A migrated database, built once and copied, because replaying all migrations costs every test process seconds.

`restore` brings a test database back to it.
"""

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from generations import triggers

FOLDER = Path(__file__).resolve().parents[2] / "var" / "tests"
# Their rows come from `migrate` and describe the code.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def provide() -> None:
    """Fill the test database, which Django is about to create, with tables.

    On SQLite the file is copied to the place where Django expects it. On PostgreSQL its template is set. In both cases
    Django's own `migrate` follows, finds nothing to do, and creates what no migration creates (triggers, permissions).
    """
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        shutil.copyfile(_sqlite(), settings["TEST"]["NAME"])
    else:
        settings["TEST"]["TEMPLATE"] = _postgresql()


def restore(connection: BaseDatabaseWrapper) -> None:
    """Remove what a test has committed.

    On PostgreSQL, rows are deleted where there are any, without triggers and foreign keys: emptying every table takes
    its lock and a new file.
    """
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(_sqlite())) as migrated:
            migrated.backup(connection.connection)
        return
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)  # noqa: S608
        cursor.execute(filled)
        deletions = [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]  # noqa: S608
        if deletions:
            cursor.execute("; ".join(["BEGIN", "SET LOCAL session_replication_role = replica", *deletions, "COMMIT"]))


@cache
def _sqlite() -> Path:
    """Return the file of these migrations; files of other versions are removed."""
    made = FOLDER / f"{_hash()}.sqlite3"
    with _alone():
        if not made.exists():
            for old in FOLDER.glob("*.sqlite3*"):
                old.unlink()
            making = FOLDER / "making.sqlite3"
            _migrate(str(making))
            making.rename(made)
    return made


def _postgresql() -> str:
    """Return the name of the template database; a server is private to a run, so there is one for each."""
    made, making = f"migrated_{_hash()}", f"making_{_hash()}"
    with _alone(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [made])
        if not cursor.fetchone():
            cursor.execute(f'DROP DATABASE IF EXISTS "{making}"')
            cursor.execute(f'CREATE DATABASE "{making}"')
            _migrate(making)
            cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{made}"')
    return made


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process build the database while the others wait."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(name: str) -> None:
    settings: dict[str, Any] = connection.settings_dict
    own = settings["NAME"]
    connection.close()
    settings["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        settings["NAME"] = own


def _hash() -> str:
    """Return a hash of everything that determines the result of `migrate`: all migrations and our triggers."""
    files = [Path(str(triggers.__file__))]
    for app in apps.get_app_configs():
        files += sorted(Path(app.path, "migrations").glob("*.py"))
    digest = hashlib.sha256(f"{django.__version__} {connection.vendor}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
