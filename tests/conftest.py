"""Shared fixtures: Alice owns the harbour team, Bob is a member, Vera a viewer, Charlie has a team of his own."""

import shutil
import signal
import time

import hypothesis
import pytest
from django.core.cache import caches
from django.core.management.commands import flush
from django.db import connections
from django.test import Client

from generations.emulator import Emulator
from generations.models import Role
from generations.providers import segmind_v2
from generations.schema import load
from tests.factories import make_person, make_team
from tests.infrastructure import migrated
from tests.key import KEY, KEYS

pytest_plugins = ["tests.selection", "tests.infrastructure.missing_variables"]

# A busy machine generates examples slowly, which is no fault of the code.
hypothesis.settings.register_profile("busy", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
hypothesis.settings.load_profile("busy")
# Child processes of a background shell or of nohup would ignore the signals that tests send. A handler is not
# inherited, but ignoring a signal is.
for deaf_to in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(deaf_to) == signal.SIG_IGN:
        signal.signal(deaf_to, lambda *_: None)


@pytest.hookimpl
def pytest_make_parametrize_id(val):
    """Replace the id of a value that contains the API key, because test names are printed."""
    text = val.decode("utf-8", "replace") if isinstance(val, bytes) else val
    return "with the key" if isinstance(text, str) and KEY.removeprefix("SG_") in text else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    with django_db_blocker.unblock():
        migrated.provide()


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Keep the SQLite copy that exists before Django creates the database; its folder is removed after the run."""
    return connections["default"].vendor == "sqlite"


@pytest.fixture(autouse=True, scope="session")
def tables_are_restored():
    """Replace `flush`, which Django calls after each transactional test."""

    def restore(_, **options):
        migrated.restore(connections[options["database"]])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", restore)
        yield


@pytest.fixture
def team(db):
    return make_team()


@pytest.fixture
def alice(team):
    return make_person("Alice", team, Role.OWNER)


@pytest.fixture
def bob(team):
    return make_person("Bob", team, Role.MEMBER)


@pytest.fixture
def vera(team):
    return make_person("Vera", team, Role.VIEWER)


@pytest.fixture
def charlie(db):
    return make_person("Charlie", make_team("Charlie's team", "charlies"), Role.OWNER)


@pytest.fixture
def as_():
    """Return a function that signs a user in and returns the client."""

    def sign_in(user, **options):
        client = Client(**options)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture(autouse=True, scope="session")
def polls_follow_at_once():
    """Shorten the pause before the first poll of version 2, which every call would wait for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmind_v2, "FIRST_PAUSE", 0.005)
        yield


@pytest.fixture
def large_pictures(emulator):
    """Let the emulator return pictures of the size that was asked for."""
    emulator.control.update({"drawing": "plain"})


class Clock:
    """A replacement of `time.time()` that only moves on request, so that waiting does not depend on the machine."""

    def __init__(self):
        self.now = time.time()

    def __call__(self):
        return self.now

    def move(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture(scope="session")
def running_emulator():
    with Emulator(load(), keys=KEYS, speed_up=10_000, rpm=1_000_000) as emulator:
        yield emulator


@pytest.fixture
def emulator(running_emulator, settings):
    """Return the emulator over HTTP without delays and scripted answers; the settings of the site name it.

    Its pictures are tiny: large ones would take most of the time of a test.
    """
    running_emulator.control.clear()
    running_emulator.control.update({"drawing": "tiny"})
    settings.SEGMIND_BASE_URL = running_emulator.url
    settings.SEGMIND_TIMEOUT = 5
    settings.EMULATED = True
    yield running_emulator
    running_emulator.control.clear()


@pytest.fixture(autouse=True)
def data_dir(tmp_path, settings):
    """Give every test its own files."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    for cache in caches.all(initialized_only=True):
        cache.clear()
    yield settings.DATA_DIR
    shutil.rmtree(settings.DATA_DIR, ignore_errors=True)
