"""The database in a backup: a copy of the SQLite file, or what pg_dump writes."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.core.management import CommandError
from django.db import connection

OK = "ok"


def dump(target: Path) -> None:
    """Write a copy as of one moment, while the site goes on. Raises CommandError when it cannot be written."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format", "custom", "--no-owner", "--no-privileges", "--file", str(target), _name())
        return
    with closing(sqlite3.connect(_name())) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # One file, which needs no others beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def check(dumped: Path) -> None:
    """Read a dump as far as that can be done without a database. Raises CommandError for a damaged one."""
    if connection.vendor == "postgresql":
        _run("pg_restore", "--list", str(dumped))
        return
    try:
        with closing(sqlite3.connect(f"file:{dumped}?mode=ro", uri=True)) as copy:
            (said,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != OK:
        raise CommandError(f"The database in the backup is damaged: {said}")


def load(dumped: Path) -> None:
    """Fill the empty database from a dump. Raises CommandError when it cannot be filled; then it stays empty."""
    if connection.vendor == "postgresql":
        words = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        _run("pg_restore", *words, "--dbname", _name(), str(dumped))
        return
    connection.close()
    with closing(sqlite3.connect(dumped)) as copy, closing(sqlite3.connect(_name())) as target:
        copy.backup(target)


def is_empty() -> bool:
    return not connection.introspection.table_names()


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _run(program: str, *words: str) -> None:
    """Run a program of PostgreSQL's with the address of the database in its environment."""
    settings = connection.settings_dict
    address = {f"PG{name}": str(settings[name]) for name in ("HOST", "PORT", "USER", "PASSWORD") if settings[name]}
    address |= {
        f"PG{name.upper()}": str(value) for name, value in settings["OPTIONS"].items() if name.startswith("ssl")
    }
    try:
        done = subprocess.run(
            [program, *words], env={**os.environ, **address}, check=False, capture_output=True, text=True
        )
    except FileNotFoundError:
        raise CommandError(
            f"{program} is missing. Install the client of the server's version: apt-get install postgresql-client"
        ) from None
    if done.returncode:
        raise CommandError(f"{program} failed: {done.stderr.strip()}")
