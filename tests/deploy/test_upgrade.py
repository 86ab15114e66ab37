"""Upgrade of a site of an earlier release as docker-compose.yml does it, with its ledger guarded meanwhile.

Real processes, on SQLite and on PostgreSQL, whichever the other tests run on.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure import Unavailable
from tests.infrastructure.postgres import postgres

pytestmark = [pytest.mark.faults, pytest.mark.services]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server():
    try:
        with postgres() as server:
            yield server
    except Unavailable as error:
        pytest.skip(str(error))


class Site:
    def __init__(self, folder, address):
        clean = {name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "SEGMIND_API_KEY"}}
        self.environment = {
            **clean,
            "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": address,
        }

    def does(self, *words):
        done = subprocess.run(
            [sys.executable, *words], check=False, env=self.environment, cwd=ROOT, capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def watched(self):
        return json.loads(self.does("-m", "tests.infrastructure.upgrade", "watch"))


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request, tmp_path):
    if request.param == "sqlite":
        return Site(tmp_path, f"sqlite:///{tmp_path / 'gallery.sqlite3'}")
    server = request.getfixturevalue("server")
    return Site(tmp_path, server.create_database(request.node.name.replace("[", "-").rstrip("]")[-60:]))


@pytest.mark.parametrize("migration", ["0012", "0021"])
def test_site_of_an_earlier_release_is_upgraded(site, migration):
    """Its triggers are those of its release: some have other names, some do not exist."""
    site.does("-m", "tests.infrastructure.upgrade", "make", migration)

    site.does("manage.py", "migrate", "--noinput")

    # Once more, with nothing to do, because replacing a trigger would lock the table meanwhile.
    answers = site.watched()
    assert answers["refused"] > 0
    assert answers.keys() <= {"refused", "busy"}


def test_ledger_is_guarded_at_every_moment_of_an_upgrade(site):
    """From the first migration, which knew no ledger, through every later one."""
    site.does("-m", "tests.infrastructure.upgrade", "make", "0001_initial")

    answers = site.watched()

    assert answers["refused"] > 100
    assert answers.keys() <= {"refused", "busy", "no table", "nothing there"}
