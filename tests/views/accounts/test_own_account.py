"""One's name, address, password and sessions."""

import re
import threading
import time
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.utils import timezone

from generations.models import Session, User
from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db
NEW = "alice.new@example.test"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604.1"
)
HEADERS = ["Referrer-Policy", "X-Robots-Tag", "Cache-Control"]


@pytest.fixture
def client(as_, alice):
    return as_(alice)


def letters():
    """All that were written; some are sent on the side."""
    for thread in threading.enumerate():
        if thread.name == "letter":
            thread.join()
    return mail.outbox


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def link_in(letter):
    return re.search(r"http://testserver(/accounts/\S+)", letter.body)[1]


def ask(client, email=NEW, password=PASSWORD):
    return client.post("/accounts/email", {"email": email, "current_password": password})


def sign_in(email, password=PASSWORD, agent=""):
    browser = Client(HTTP_USER_AGENT=agent)
    browser.post("/login/", {"username": email, "password": password})
    return browser


def is_in(browser):
    return browser.get("/accounts/").status_code == 200


def test_name_is_changed(client, alice):
    assert client.post("/accounts/name", {"name": " Alice \n B. "})["Location"] == "/accounts/"

    alice.refresh_from_db()
    assert alice.name == "Alice B."
    assert client.post("/accounts/name", {"name": ""}).status_code == 422


def test_address_changes_when_the_link_in_the_letter_is_confirmed(client, alice):
    said(ask(client, "Alice.NEW@example.test"))
    (letter,) = letters()
    link = link_in(letter)
    assert letter.to == [NEW]

    assert client.get(link).status_code == 200
    alice.refresh_from_db()
    assert alice.email == "alice@example.test"

    assert client.post(link)["Location"] == "/accounts/"
    alice.refresh_from_db()
    assert alice.email == NEW
    assert (letters()[1].to, NEW in letters()[1].body) == (["alice@example.test"], True)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    ("email", "password"), [("nobody", PASSWORD), (NEW, "wrong"), ("ALICE@example.test", PASSWORD)]
)
def test_address_needs_the_password_and_must_be_another(client, email, password):
    assert ask(client, email, password).status_code == 422
    assert letters() == []


def test_password_is_not_guessed_at_a_browser_that_was_left_open(client, clock):
    for _ in range(8):
        ask(client, password="wrong")

    assert "Too many wrong passwords." in ask(client).content.decode()


def test_address_of_somebody_else_gets_no_letter_and_nobody_is_told(client, bob):
    taken, free = said(ask(client, bob.email)), said(ask(client, NEW))

    assert taken.replace(bob.email, NEW) == free
    assert [letter.to for letter in letters()] == [[NEW]]


@pytest.mark.parametrize("how", ["password", "taken", "off", "old"])
def test_link_of_a_new_address_dies(client, alice, how, monkeypatch):
    ask(client)
    link = link_in(letters()[0])
    if how == "password":
        alice.set_password("a wholly new passphrase")
        alice.save()
    elif how == "taken":
        User.objects.create_user(NEW, PASSWORD)
    elif how == "off":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        later = time.time() + 24 * 3600 + 1
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    for answer in (Client().get(link), Client().post(link), Client().get("/accounts/email/x/")):
        assert answer.status_code == 404
        assert [answer[name] for name in HEADERS] == ["strict-origin", "noindex, nofollow", "private, no-store"]


def test_forgotten_password_is_set_by_a_letter(alice):
    visitor, stays = Client(), sign_in(alice.email)
    assert visitor.post("/accounts/reset/", {"email": "Alice@example.TEST"})["Location"] == "/accounts/reset/sent/"
    link = link_in(letters()[0])

    form = visitor.get(link, follow=True)
    assert form["Referrer-Policy"] == "strict-origin"
    assert form.request["PATH_INFO"].endswith("/set-password/")
    new = "a wholly new passphrase"
    response = visitor.post(form.request["PATH_INFO"], {"new_password1": new, "new_password2": new})

    assert response["Location"] == "/login/"
    assert (is_in(stays), is_in(sign_in(alice.email, new))) == (False, True)
    assert "This link doesn't work" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("signed_in", [False, True])
def test_new_password_is_acknowledged_where_one_signs_in_with_it(alice, signed_in):
    browser = sign_in(alice.email) if signed_in else Client()
    Client().post("/accounts/reset/", {"email": alice.email})
    form = browser.get(link_in(letters()[0]), follow=True)
    new = "a wholly new passphrase"

    page = browser.post(form.request["PATH_INFO"], {"new_password1": new, "new_password2": new}, follow=True)

    assert page.request["PATH_INFO"] == "/login/"
    assert [str(one) for one in page.context["messages"]] == ["Password changed. Sign in with the new one."]
    assert f'value="{alice.email}"' in page.content.decode()
    assert alice.email not in browser.get("/login/").content.decode()


def test_unknown_address_gets_the_same_answer_and_no_letter(alice):
    answers = [Client().post("/accounts/reset/", {"email": email}) for email in (alice.email, "nobody@example.test")]

    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    assert len(letters()) == 1


def test_letters_are_not_poured_over_an_address(alice):
    for _ in range(5):
        Client().post("/accounts/reset/", {"email": alice.email})

    assert len(letters()) == 1


def test_letter_is_dead_after_an_hour(alice, settings):
    Client().post("/accounts/reset/", {"email": alice.email})
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert "This link doesn't work" in Client().get(link_in(letters()[0]), follow=True).content.decode()


def test_page_lists_where_one_is_signed_in(alice):
    sign_in(alice.email, agent=PHONE)
    sign_in(make_person("Bob").email, agent=PHONE)
    here = sign_in(alice.email, agent=FIREFOX)

    sessions = here.get("/accounts/").context["sessions"]

    assert [(one.device, one.here, one.phone) for one in sessions] == [
        ("Firefox on Linux", True, False),
        ("Safari on iPhone", False, True),
    ]


def test_everything_else_is_signed_out(alice):
    here, there = sign_in(alice.email), sign_in(alice.email)
    bob = sign_in(make_person("Bob").email)

    assert said(here.post("/accounts/sessions/end")) == "Signed out of 1 other browser."

    assert (is_in(here), is_in(there), is_in(bob)) == (True, False, True)
    assert said(here.post("/accounts/sessions/end")) == "You weren't signed in anywhere else."


def test_new_password_signs_out_everywhere_else(alice):
    here, there = sign_in(alice.email), sign_in(alice.email)
    new = "a wholly new passphrase"

    here.post("/accounts/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})

    assert (is_in(here), is_in(there), Session.objects.filter(user=alice).count()) == (True, False, 1)


def test_key_of_a_session_changes_when_somebody_signs_in(alice):
    browser = Client()
    browser.get("/login/")
    browser.session.save()
    fixed = browser.session.session_key
    browser.cookies["sessionid"] = fixed

    browser.post("/login/", {"username": alice.email, "password": PASSWORD})

    assert browser.cookies["sessionid"].value != fixed
    assert not Session.objects.filter(session_key=fixed).exists()


@pytest.mark.parametrize(("minutes", "noted"), [(4, False), (6, True)])
def test_last_use_is_noted_every_few_minutes(client, minutes, noted):
    ago = timezone.now() - timedelta(minutes=minutes)
    Session.objects.update(seen_at=ago)

    client.get("/accounts/")

    assert (Session.objects.get().seen_at > ago) == noted


def test_sessions_go_with_their_person(client, alice):
    alice.delete()

    assert not Session.objects.exists()
    assert client.get("/accounts/").status_code == 302


def test_person_in_no_team_has_an_account_page(as_):
    assert as_(make_person("Nora")).get("/accounts/").status_code == 200
