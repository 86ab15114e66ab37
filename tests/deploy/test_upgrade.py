"""Upgrade of a site of the first release as docker-compose.yml does it, with its ledger guarded meanwhile.

Real processes, on SQLite and on PostgreSQL, whichever the other tests run on.
"""

import json

import pytest

from tests.infrastructure import upgrade

pytestmark = [pytest.mark.faults, pytest.mark.services]


def helper(site, verb):
    return json.loads(site.output("-m", "tests.infrastructure.upgrade", verb))


@pytest.mark.parametrize("release", ["0.1.0"])
def test_site_of_an_earlier_release_is_upgraded(new_site, release):
    """Its tables are those of a new site, its rows are still there, and its ledger was guarded at every moment."""
    fresh, old = new_site("fresh"), new_site("old")
    upgrade.load(old.address, release)

    upgraded = helper(old, "upgrade")

    assert upgraded["answers"]["refused"] > 0
    assert upgraded["answers"].keys() <= {"refused", "busy"}
    assert upgraded["rows"] == {"pictures": ["a quiet harbour"], "entries": 3, "charged": "-0.0100000000"}
    assert upgraded["schema"] == helper(fresh, "new")
    assert "No migrations to apply" in old.output("manage.py", "migrate", "--noinput")


@pytest.mark.parametrize("new_site", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)], indirect=True)
def test_database_from_before_the_first_release_is_refused_and_stays_as_it_is(new_site):
    site = new_site("ancient")
    upgrade.load(site.address, "0.1.0")
    before = helper(site, "age")

    for words in (["migrate", "--noinput"], ["check", "--database", "default"]):
        refused = site.run("manage.py", *words)
        assert refused.returncode != 0
        assert "This database is from before release 0.1.0 and cannot be upgraded." in refused.stderr
        assert "make reset" in refused.stderr

    assert helper(site, "schema") == before
