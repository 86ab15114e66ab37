"""For load balancers: alive without I/O, ready when pages can be served."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client


def away(error):
    def refuse(execute, sql, params, many, context):
        raise error("server closed the connection")

    return connection.execute_wrapper(refuse)


def test_alive_needs_neither_database_nor_session():
    """Without the database mark, any query would fail this test."""
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_database_and_files_are_there():
    response = Client().get("/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "problems": {}})


@pytest.mark.django_db
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_not_ready_without_the_database(error):
    with away(error):
        response = Client().get("/readyz")

    sentence = f"the database does not answer: {error.__name__}"
    assert (response.status_code, response.json()["problems"]) == (503, {"database": sentence})


@pytest.mark.django_db
def test_not_ready_without_the_data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"

    response = Client().get("/readyz")

    assert (response.status_code, list(response.json()["problems"])) == (503, ["storage"])


@pytest.mark.django_db
def test_probe_may_ask_with_head_but_not_post():
    assert Client().head("/readyz").status_code == 200
    assert Client().post("/healthz").status_code == 405
