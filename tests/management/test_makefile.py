"""`make run` installs what the settings need, and only when it has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands for Python: it writes down what would be installed, and runs the one script that needs nothing.
PYTHON = """#!/bin/sh
case "$*" in
    hidream_site/env_file.py) exec {python} -I -S hidream_site/env_file.py ;;
    *install*) echo "$*" >>installed ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """Return a folder with the Makefile, in which the list for SQLite is installed."""
    for name in ("Makefile", "requirements/runtime.txt", "requirements/production.txt", "hidream_site/env_file.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for path in (tmp_path / "python", tmp_path / ".venv" / "bin" / "python"):
        path.write_text(PYTHON.format(python=sys.executable))
        path.chmod(0o755)
    shutil.copy(ROOT / "requirements" / "runtime.txt", tmp_path / ".venv" / "installed-runtime.txt")
    return tmp_path


def installed(checkout: Path, **environment: str) -> list[str]:
    """Return the lists that `make` installed."""
    (checkout / "installed").write_text("")
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MAKEFLAGS"}}
    command = ["make", "--no-print-directory", "venv-runtime", f"PYTHON={checkout}/python"]
    subprocess.run(command, cwd=checkout, env={**inherited, **environment}, check=True, capture_output=True)
    return [line.rpartition(" ")[2] for line in (checkout / "installed").read_text().splitlines()]


def test_sqlite_needs_nothing_more(checkout):
    assert installed(checkout) == []


@pytest.mark.parametrize("in_file", [False, True])
def test_postgres_gets_its_driver_once(checkout, in_file):
    named = {"DATABASE_URL": "postgres://gallery@localhost/gallery"}
    if in_file:
        (checkout / "settings").write_text(f"DATABASE_URL={named['DATABASE_URL']}\n")
        named = {"ENV_FILE": str(checkout / "settings")}

    assert installed(checkout, **named) == ["requirements/production.txt"]
    assert installed(checkout, **named) == []
    assert installed(checkout) == []


def test_changed_list_is_installed_again(checkout):
    with (checkout / "requirements" / "runtime.txt").open("a") as file:
        file.write("# newer\n")

    assert installed(checkout) == ["requirements/runtime.txt"]


def test_file_that_cannot_be_read_is_left_to_the_command_that_names_the_line(checkout):
    (checkout / "settings").write_text("DATABASE_URL\n")

    assert installed(checkout, ENV_FILE=str(checkout / "settings")) == []
