"""Threat S14: a session cannot be planted, and ends at the next request when it must."""

import json
import os
import subprocess
import sys
import threading

import pytest
from django.core import mail
from django.test import Client

from generations.models import Membership, Role, Session
from generations.services.teams.members import remove
from tests.factories import PASSWORD, draw
from tests.hidream_site.test_settings import ROOT, SAFE

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "another horse battery"


def sign_in(client, user, password=PASSWORD):
    response = client.post("/login/", {"username": user.email, "password": password})
    assert response.status_code == 302
    return client.cookies["sessionid"].value


def holding(key):
    client = Client()
    client.cookies["sessionid"] = key
    return client


def is_anonymous(key):
    response = holding(key).get("/accounts/")
    return response.status_code == 302 and response["Location"].startswith("/login/")


@pytest.fixture
def stolen(bob):
    """Return the key of a valid session in another browser."""
    key = sign_in(Client(), bob)
    assert not is_anonymous(key)
    return key


def test_s14_key_from_before_signing_in_is_worth_nothing(bob):
    client = Client()
    session = client.session
    session["planted"] = "by a stranger"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key

    key = sign_in(client, bob)

    assert key != planted
    assert is_anonymous(planted)


def test_s14_key_that_was_made_up_is_not_taken(bob):
    client = holding("a" * 32)

    assert sign_in(client, bob) != "a" * 32
    assert is_anonymous("a" * 32)


def test_s14_key_is_dead_after_signing_out(bob):
    client = Client()
    key = sign_in(client, bob)
    client.post("/logout/")

    assert is_anonymous(key)
    assert not Session.objects.filter(user=bob).exists()


def change_password(bob, as_, alice):
    client = Client()
    sign_in(client, bob)
    form = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert client.post("/accounts/password/", form).status_code == 302
    assert client.get("/accounts/").status_code == 200


def reset_password(bob, as_, alice):
    client = Client()
    client.post("/accounts/reset/", {"email": bob.email})
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()
    link = next(word for word in mail.outbox[-1].body.split() if "/accounts/reset/" in word)
    form = client.get(link, follow=True)
    words = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert client.post(form.request["PATH_INFO"], words).status_code == 302


def sign_out_everywhere(bob, as_, alice):
    client = Client()
    sign_in(client, bob)
    assert client.post("/accounts/sessions/end").status_code == 302
    assert client.get("/accounts/").status_code == 200


def deactivate(bob, as_, alice):
    bob.is_active = False
    bob.save()


def delete(bob, as_, alice):
    bob.delete()


@pytest.mark.parametrize("ending", [change_password, reset_password, sign_out_everywhere, deactivate, delete])
def test_s14_stolen_key_is_dead_afterwards(bob, as_, alice, stolen, ending):
    ending(bob, as_, alice)

    assert is_anonymous(stolen)


def test_s14_removed_member_finds_nothing_at_the_next_click(alice, bob, team, as_, emulator):
    row, client = draw(alice, team), as_(bob)
    urls = ["/t/harbour/", f"/g/{row.id}/", f"/g/{row.id}/image", f"/g/{row.id}/thumb/320.webp", "/t/harbour/poll/"]
    before = [client.get(url) for url in urls[:4]]
    assert [(bool(answer.getvalue()), answer.status_code) for answer in before] == [(True, 200)] * 4

    remove(actor=alice, membership=Membership.objects.get(user=bob))

    assert [client.get(url).status_code for url in urls] == [404] * 5
    assert client.post("/t/harbour/generations/", {"prompt": "words"}).status_code == 404


def test_s14_lower_role_counts_at_the_next_click(bob, as_):
    client = as_(bob)
    Membership.objects.filter(user=bob).update(role=Role.VIEWER)

    assert client.post("/t/harbour/generations/", {"prompt": "words"}).status_code == 403


def test_s14_cookies_of_production_travel_over_tls_to_this_host_alone(tmp_path):
    names = [
        f"{cookie}_COOKIE_{what}" for cookie in ("SESSION", "CSRF")
        for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE", "DOMAIN", "PATH", "AGE")
    ]  # fmt: skip
    script = (
        "import json; from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {names}}}))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SEGMIND", "EMULATOR"))}
    environment |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hidream_site.settings", **SAFE}
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)
    found = json.loads(said.stdout)

    for cookie in ("SESSION", "CSRF"):
        assert found[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{cookie}_COOKIE_SECURE"] is True
        assert found[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
        # Required by the prefix __Host-; a browser refuses the cookie otherwise.
        assert (found[f"{cookie}_COOKIE_DOMAIN"], found[f"{cookie}_COOKIE_PATH"]) == (None, "/")
    assert found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_AGE"] <= 14 * 24 * 3600
