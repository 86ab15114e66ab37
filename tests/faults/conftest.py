"""Fixtures for processes that share a test's database, files and provider."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection

from generations.emulator import Control
from tests.factories import order
from tests.faults.crash import CrashServer, database_url
from tests.key import KEY


@pytest.fixture
def version(request, settings):
    """Return the version of the provider's API for this process and its children; a test may parametrize it."""
    settings.SEGMIND_API_VERSION = getattr(request, "param", settings.SEGMIND_API_VERSION)
    return settings.SEGMIND_API_VERSION


@pytest.fixture(scope="session")
def shared_environment(django_db_setup, running_emulator):
    """Return the environment of processes with the site's own settings, as far as all tests share it."""
    return {
        "DATABASE_URL": database_url(connection.settings_dict),
        "SEGMIND_API_KEY": KEY,
        "SEGMIND_BASE_URL": running_emulator.url,
        "SEGMIND_TIMEOUT": "10",
        "DJANGO_DEBUG": "1",
        # No server listens there; a test with a broker sets its own.
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }


@pytest.fixture
def environment(shared_environment, transactional_db, data_dir, emulator, version):
    # With a rate limit, a worker that takes a picture sends the message about the next one; here tests send them.
    own = {"DATA_DIR": str(data_dir), "SEGMIND_API_VERSION": version, "SEGMIND_RPM": "0"}
    return {**shared_environment, **own}


@pytest.fixture(scope="session")
def crash_server(shared_environment):
    with CrashServer(shared_environment) as server:
        yield server


@pytest.fixture
def crash(crash_server, transactional_db, data_dir, emulator, version):
    """Return `CrashServer.crash` with the settings of the test."""
    return partial(crash_server.crash, changed={"DATA_DIR": str(data_dir), "SEGMIND_API_VERSION": version})


@dataclass
class Bill:
    """Calls and charges in the provider's own ledger since the test began."""

    control: Control

    def __post_init__(self) -> None:
        self.seen, self.booked = self._paid_calls(), len(self.control.ledger)

    def _paid_calls(self) -> int:
        return sum(request.method == "POST" for request in self.control.journal)

    @property
    def posts(self) -> int:
        """Return the number of paid calls that were received."""
        return self._paid_calls() - self.seen

    @property
    def charges(self) -> list[Decimal]:
        return [entry.cost for entry in self.control.ledger[self.booked :] if entry.kind == "CHARGED"]


@pytest.fixture
def bill(emulator):
    return Bill(emulator.control)


@pytest.fixture
def give_order(transactional_db, alice, team):
    """Return a function that queues generations of Alice; arguments as for `order`."""
    return partial(order, alice, team)


@pytest.fixture
def generation(give_order):
    return give_order()[0]
