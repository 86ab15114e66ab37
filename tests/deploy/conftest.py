"""One deployment for all tests here: it takes half a minute to start. Sites with databases of their own."""

import os

import pytest

from tests.deploy.site import Site
from tests.infrastructure import Unavailable
from tests.infrastructure.deployment import healthy
from tests.infrastructure.postgres import postgres, programs


@pytest.fixture(scope="package")
def deployment():
    with healthy() as deployment:
        yield deployment


@pytest.fixture(scope="package")
def server():
    try:
        with postgres() as server:
            yield server
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def new_site(request, tmp_path, monkeypatch):
    """Return a function that makes a site with an empty database."""

    def make(name, **more):
        folder = tmp_path / name
        folder.mkdir()
        if request.param == "sqlite":
            return Site(folder, f"sqlite:///{folder / 'gallery.sqlite3'}", **more)
        address = request.getfixturevalue("server").create_database(f"{name}-{tmp_path.name}"[-60:])
        # The programs of the server's own version; others may be in the way.
        monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
        return Site(folder, address, **more)

    return make
