"""Upgrade of a site of the first release as docker-compose.yml does it, with its ledger guarded meanwhile.

Real processes, on SQLite and on PostgreSQL, whichever the other tests run on.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure import Unavailable, upgrade
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
        self.address = address
        self.environment = {
            **clean,
            "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
            "DATA_DIR": str(folder),
            "DATABASE_URL": address,
        }

    def run(self, *words):
        return subprocess.run(
            [sys.executable, *words], check=False, env=self.environment, cwd=ROOT, capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip

    def output(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def helper(self, verb):
        return json.loads(self.output("-m", "tests.infrastructure.upgrade", verb))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_site(request, tmp_path):
    """Return a function that makes a site with an empty database."""

    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        if request.param == "sqlite":
            return Site(folder, f"sqlite:///{folder / 'gallery.sqlite3'}")
        return Site(folder, request.getfixturevalue("server").create_database(f"{name}-{tmp_path.name}"[-60:]))

    return make


@pytest.mark.parametrize("release", ["0.1.0"])
def test_site_of_an_earlier_release_is_upgraded(new_site, release):
    """Its tables are those of a new site, its rows are still there, and its ledger was guarded at every moment."""
    fresh, old = new_site("fresh"), new_site("old")
    upgrade.load(old.address, release)

    upgraded = old.helper("upgrade")

    assert upgraded["answers"]["refused"] > 0
    assert upgraded["answers"].keys() <= {"refused", "busy"}
    assert upgraded["rows"] == {"pictures": ["a quiet harbour"], "entries": 3, "charged": "-0.0100000000"}
    assert upgraded["schema"] == fresh.helper("new")
    assert "No migrations to apply" in old.output("manage.py", "migrate", "--noinput")


def test_database_from_before_the_first_release_is_refused_and_stays_as_it_is(new_site):
    site = new_site("ancient")
    upgrade.load(site.address, "0.1.0")
    before = site.helper("age")

    for words in (["migrate", "--noinput"], ["check", "--database", "default"]):
        refused = site.run("manage.py", *words)
        assert refused.returncode != 0
        assert "This database is from before release 0.1.0 and cannot be upgraded." in refused.stderr
        assert "make reset" in refused.stderr

    assert site.helper("schema") == before
