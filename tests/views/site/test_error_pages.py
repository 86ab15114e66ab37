"""Refusals in words: each has its status, a sentence, a request id, and nothing of the site's insides."""

import logging
import time

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse

from hidream_site.logs import RefusalTracebackFilter
from hidream_site.settings import LOGGING
from tests.factories import order

pytestmark = pytest.mark.django_db
INSIDES = [
    "Traceback",
    "SELECT",
    "sqlite",
    "psycopg",
    "generations_",
    "/home/",
    "site-packages",
    "settings",
    "RuntimeError",
]


def insides(response):
    return [word for word in INSIDES if word.lower() in response.content.decode().lower()]


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.fixture
def member(as_, bob):
    return as_(bob, raise_request_exception=False)


def check(response, status, sentence):
    html = response.content.decode()
    assert response.status_code == status
    assert sentence in html
    assert response["X-Request-ID"] in html
    assert insides(response) == []
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert ' href="' in html


def test_address_with_a_foreign_host_is_a_400(visitor):
    check(visitor.get("/login/", headers={"host": "elsewhere.test"}), 400, "couldn't be read")


def test_role_that_does_not_allow_it_is_a_403(as_, vera, team):
    response = as_(vera).post(reverse("create", args=[team.slug]), {"prompt": "words"})

    check(response, 403, "Your role in this team doesn&#x27;t allow this.")


def test_nothing_is_a_404(member):
    check(member.get("/t/nowhere/"), 404, "Page not found")
    check(member.get("/no/such/page"), 404, "Page not found")


def test_page_that_lists_every_address_is_never_shown(member, settings):
    settings.DEBUG = True

    check(member.get("/no/such/page/"), 404, "Page not found")
    check(member.get("/t/nowhere/"), 404, "Page not found")
    assert member.get("/accounts").status_code == 301  # what lacks its slash is still sent on


def test_log_has_a_traceback_of_what_broke_and_a_line_of_what_was_refused():
    kept = {}
    for level in (logging.WARNING, logging.ERROR):
        why = (ValueError, ValueError("why"), None)
        record = logging.LogRecord("django.request", level, "views.py", 1, "said", (), why)
        assert RefusalTracebackFilter().filter(record)
        kept[level] = bool(record.exc_info)

    assert kept == {logging.WARNING: False, logging.ERROR: True}
    assert LOGGING["loggers"]["django.request"]["filters"] == ["RefusalTracebackFilter"]  # type: ignore[index]


def test_sentence_of_a_404_is_shown_when_it_is_ours(member, bob, team):
    (row,) = order(bob, team)

    assert "There&#x27;s no picture here yet." in member.get(f"/g/{row.id}/image").content.decode()


def test_form_that_is_too_large_is_a_413(member, team):
    response = member.post(reverse("create", args=[team.slug]), {"prompt": "x" * 1_100_000})

    check(response, 413, "Make it smaller and try again.")


def test_form_with_too_many_fields_is_a_400(member, team):
    response = member.post(reverse("create", args=[team.slug]), {f"f{number}": "x" for number in range(700)})

    check(response, 400, "couldn't be read")


def test_failure_nobody_foresaw_is_a_500_that_tells_nothing(visitor, settings):
    settings.ROOT_URLCONF = "tests.views.site.broken_urls"

    response = visitor.get("/broken/")

    check(response, 500, "Something went wrong on our end")
    assert b"secret" not in response.content


def away(error):
    def refuse(execute, sql, params, many, context):
        raise error(f"could not connect: {sql}")

    return connection.execute_wrapper(refuse)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_database_that_is_away_is_a_503(member, team, error):
    with away(error):
        response = member.get("/t/harbour/")

    check(response, 503, "The site can't reach its database.")


def test_database_that_goes_away_within_a_view_is_a_503(member, team):
    def refuse(execute, sql, params, many, context):
        if "generations_team" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        response = member.get("/t/harbour/")

    check(response, 503, "The site can't reach its database.")


@pytest.mark.parametrize("address", ["/t/harbour/", "/healthz", "/no/such/page"])
def test_request_that_waited_too_long_before_the_site_is_a_503(member, team, address):
    response = member.get(address, headers={"X-Request-Start": f"t={time.time() - 5.5:.3f}"})

    check(response, 503, "The site is too busy.")
    assert response["Retry-After"] == "5"


@pytest.mark.parametrize(
    "said", ["", "t=", "t=now", "t=1", "1700000000.123", "t=1700000000123.1", "t=9999999999.000", "t=1700000000.123"]
)
def test_request_with_another_start_or_none_is_served(member, team, said):
    assert member.get("/t/harbour/", headers={"X-Request-Start": said}).status_code == 200


def test_request_id_of_the_proxy_is_kept_when_it_is_sane(visitor):
    assert visitor.get("/login/", headers={"X-Request-ID": "abc-12345678"})["X-Request-ID"] == "abc-12345678"


@pytest.mark.parametrize("offered", ["short", "a" * 65, "white space here", "<script>alert(1)</script>", ""])
def test_request_id_that_is_not_sane_is_replaced(visitor, offered):
    given = visitor.get("/login/", headers={"X-Request-ID": offered})["X-Request-ID"]

    assert given != offered
    assert len(given) == 32


def test_form_from_an_origin_that_is_not_trusted_names_it_the_host_and_the_variable(alice):
    """As behind a proxy that changes the host."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post("/teams/new/", {"name": "Sea"}, headers={"Origin": "https://gallery.example"})

    assert answer.status_code == 403
    page = answer.content.decode()
    assert all(word in page for word in ("https://gallery.example", "testserver", "CSRF_TRUSTED_ORIGINS"))
