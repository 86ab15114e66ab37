"""The private servers: each is real, separate, and removed after the test."""

import subprocess
import sys

import psycopg
import pytest
import redis

from tests.infrastructure.postgres import postgres
from tests.infrastructure.valkey import valkey

pytestmark = pytest.mark.services


def test_valkey_killed_keeps_address_and_data():
    with valkey() as server:
        with server.client() as client:
            client.set("key", "value")

        server.kill()
        server.start()

        with server.client() as client:
            assert client.get("key") == b"value"


def test_valkey_without_persistence_wakes_up_empty():
    with valkey(persistent=False) as server:
        with server.client() as client:
            client.set("key", "value")

        server.kill()
        server.start()

        with server.client() as client:
            assert client.get("key") is None


def test_valkey_is_gone_afterwards():
    with valkey() as server:
        pass

    with server.client() as client, pytest.raises(redis.ConnectionError):
        client.ping()
    assert not server.directory.exists()


@pytest.mark.parametrize("loopback", [False, True])
def test_postgres_killed_keeps_address_and_data(loopback):
    with postgres(loopback=loopback) as server:
        with server.connect("gallery") as connection:
            connection.execute("CREATE TABLE words (word text)")
            connection.execute("INSERT INTO words VALUES ('ÄPFEL')")

        server.kill()
        server.start()

        with server.connect("gallery") as connection:
            assert connection.execute("SELECT lower(word) FROM words").fetchone() == ("äpfel",)


def test_postgres_is_gone_afterwards():
    with postgres() as server:
        pass

    with pytest.raises(psycopg.OperationalError):
        server.connect()
    assert not server.directory.exists()


def test_postgres_command_gets_the_address_and_gives_its_exit_code():
    program = "import os, sys; sys.exit(os.environ['DATABASE_URL'].startswith('postgres://gallery@/gallery') * 7)"
    command = [sys.executable, "-m", "tests.infrastructure.postgres", sys.executable, "-c", program]

    assert subprocess.run(command, check=False).returncode == 7
