"""The lock of a data folder: what a command beside the run learns from it."""

import os

import pytest

from generations.management.devserver import instance_lock
from generations.management.devserver.instance_lock import announce, running_instance, use_addresses

URL = "http://localhost:8138/"
CHOSEN = {"PORT": "8138", "REDIS_URL": "redis://:secret@127.0.0.1:1/0", "SEGMIND_BASE_URL": "http://127.0.0.1:2"}


@pytest.fixture
def held(tmp_path):
    """Hold the lock as a run does that has chosen its addresses."""
    with instance_lock.instance_lock(tmp_path) as lock:
        announce(lock, URL, CHOSEN)
        yield tmp_path


def test_command_beside_a_run_uses_what_it_has_chosen(held):
    (held / "secret_key").write_text("drawn at the start\n")
    env = {"REDIS_URL": ""}

    use_addresses(held, env)

    assert env == {**CHOSEN, "DJANGO_SECRET_KEY": "drawn at the start"}
    assert running_instance(held) == (os.getpid(), URL)
    assert (held / "run.lock").stat().st_mode & 0o077 == 0


def test_what_the_environment_names_stays(held):
    env = {"PORT": "9000", "DJANGO_SECRET_KEY": "mine"}

    use_addresses(held, env)

    assert env == {**CHOSEN, "PORT": "9000", "DJANGO_SECRET_KEY": "mine"}


def test_command_with_a_key_asks_no_emulator(held):
    env = {"SEGMIND_API_KEY": "SG_of_somebody"}

    use_addresses(held, env)

    assert "SEGMIND_BASE_URL" not in env


def test_nothing_is_taken_from_a_run_that_has_ended_or_never_was(tmp_path):
    with instance_lock.instance_lock(tmp_path) as lock:
        announce(lock, URL, CHOSEN)
    env = {}

    for folder in (tmp_path, tmp_path / "nowhere"):
        use_addresses(folder, env)

    assert env == {}
