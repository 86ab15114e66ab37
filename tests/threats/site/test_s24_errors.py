"""Threat S24: every failure answers with an error page with a request id, and reveals nothing internal."""

import os
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client
from django.urls import clear_url_caches

from tests.hidream_site.test_settings import ROOT, SAFE
from tests.key import KEY
from tests.threats.addresses import address, patterns

pytestmark = pytest.mark.django_db
# Not the key itself, because pytest writes the errors of these views to its log, and `make secret-scan` reads that.
PLANTED = "SG_planted"
SECRET = f"SELECT secret FROM generations_user at /srv/gallery/settings.py with {PLANTED}"  # noqa: S608  no query
INSIDES = [
    "traceback", "select ", "generations_", "/srv/", "site-packages", "runtimeerror", "secret", PLANTED.lower(),
    KEY.lower(),
]  # fmt: skip
METHODS = ("get", "post")


def telling(response):
    html = response.content.decode().lower()
    return [word for word in INSIDES if word in html]


def broken(*args, **kwargs):
    raise RuntimeError(SECRET)


def judged(response, method):
    """Return what is wrong with an error page."""
    if response.status_code == 405 and method == "get":
        return []
    found = telling(response)
    if response.status_code != 500:
        return [*found, str(response.status_code)]
    ours = (
        b"Something went wrong on our end" in response.content and response["X-Request-ID"].encode() in response.content
    )
    return found if ours else [*found, "not our page"]


def test_s24_view_that_fails_says_nothing(as_, alice, world, monkeypatch):
    """Every view is replaced by one that fails; middleware and templates stay."""
    client = as_(alice, raise_request_exception=False)
    wrong, asked = {}, 0
    for pattern in patterns():
        with monkeypatch.context() as patch:
            fail = type("Broken", (), {"__call__": staticmethod(broken), "login_required": False})()
            patch.setattr(pattern, "callback", fail)
            clear_url_caches()
            for method in METHODS:
                found = judged(getattr(client, method)(address(pattern, world)), method)
                asked += 1
                if found:
                    wrong[pattern.name, method] = found
    clear_url_caches()

    assert wrong == {}
    assert asked > 120


def failing_at(number):
    """Return a wrapper that fails at the n-th query that names a table of ours."""
    left = [number]

    def ask(execute, sql, params, many, context):
        own = "generations_" in sql and "generations_session" not in sql and "generations_user" not in sql
        left[0] -= own
        if own and left[0] < 0:
            raise RuntimeError(SECRET)
        return execute(sql, params, many, context)

    return ask


@pytest.mark.parametrize("number", [0, 1, 3])
def test_s24_view_that_fails_half_way_says_nothing(as_, alice, world, number):
    client = as_(alice, raise_request_exception=False)
    failed, wrong = 0, {}
    for pattern in patterns():
        with connection.execute_wrapper(failing_at(number)):
            response = client.get(address(pattern, world))
        response.getvalue()  # closes opened files
        if response.status_code == 500:
            failed += 1
            if found := judged(response, "get"):
                wrong[pattern.name] = found

    assert wrong == {}
    assert failed > (10 if number == 3 else 25)


def test_s24_deployment_check_has_nothing_to_say(tmp_path):
    # The tests in a browser set the last one for their own process.
    left_out = ("SEGMIND", "EMULATOR", "DJANGO_ALLOW_ASYNC_UNSAFE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    safe = {**SAFE, "DJANGO_SECRET_KEY": "a1B2c3D4e5F6" * 5}
    environment |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hidream_site.settings", **safe}
    words = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    child = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert (child.returncode, "no issues" in child.stdout + child.stderr) == (0, True), child.stderr


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_s24_page_of_every_refusal_is_ours(status):
    assert (ROOT / "templates" / f"{status}.html").is_file()


def test_s24_sign_in_page_that_fails_says_nothing_to_a_stranger(monkeypatch):
    monkeypatch.setattr("generations.views.accounts.account.demo_people", broken)

    response = Client(raise_request_exception=False).get("/login/")

    assert (response.status_code, telling(response)) == (500, [])
