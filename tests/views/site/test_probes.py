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

    sentence = f"the database doesn't respond, or is read-only: {error.__name__}"
    assert (response.status_code, response.json()["problems"]) == (503, {"database": sentence})


@pytest.mark.django_db
def test_not_ready_without_the_data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"

    response = Client().get("/readyz")

    assert (response.status_code, list(response.json()["problems"])) == (503, ["storage"])


@pytest.mark.django_db
def test_not_ready_on_a_full_disk(settings):
    settings.LEAST_FREE_BYTES = 10**18

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["problems"]["storage"].startswith("the disk of the data folder is almost full: ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_not_ready_while_the_database_takes_no_changes(as_, alice):
    client = as_(alice, raise_request_exception=False)
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on" if postgres else "PRAGMA query_only = on")
    try:
        response = Client().get("/readyz")
        page = client.post("/t/harbour/people/team", {"name": "Another name"})
    finally:
        connection.close()

    assert (response.status_code, list(response.json()["problems"])) == (503, ["database"])
    assert (page.status_code, page["Retry-After"]) == (503, "30")


@pytest.mark.django_db
def test_probe_may_ask_with_head_but_not_post():
    assert Client().head("/readyz").status_code == 200
    assert Client().post("/healthz").status_code == 405
