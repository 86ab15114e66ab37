"""Guessing is slowed down, and its victim still gets in."""

import pytest
from django.core import signing
from django.test import Client

from generations.services import guesses
from generations.services.sign_in import SALT
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
ALICE = "alice@example.test"
HERE = ("address", ALICE, "127.0.0.1")


def sign_in(client, password, email=ALICE, **options):
    return client.post("/login/", {"username": email, "password": password}, **options)


def shut(*who):
    """As after many guesses from there."""
    for _ in range(12):
        guesses.note_wrong(*who)
    guesses.must_wait(*who)


def guess(times, **options):
    return [sign_in(Client(), "wrong", **options).status_code for _ in range(times)]


@pytest.mark.parametrize("email", [ALICE, "nobody@example.test"])
def test_two_hundred_guesses_are_mostly_not_looked_at(alice, email, clock):
    statuses = guess(200, email=email)

    assert statuses == [200] * 6 + [429] * 194

    answer = sign_in(Client(), PASSWORD, email=email)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == 1
    assert "Too many wrong passwords. Try again in" in answer.content.decode()


def test_victim_gets_in_from_elsewhere_and_by_the_browser_that_was_in_before(alice):
    known = Client()
    assert sign_in(known, PASSWORD).status_code == 302
    known.post("/logout/")
    shut(*HERE)

    assert sign_in(Client(), PASSWORD).status_code == 429
    assert sign_in(Client(), PASSWORD, REMOTE_ADDR="192.0.2.9").status_code == 302
    assert sign_in(known, PASSWORD).status_code == 302


def test_known_browser_may_not_guess_without_end_either(alice, clock):
    known = Client()
    sign_in(known, PASSWORD)
    known.post("/logout/")

    assert [sign_in(known, "wrong").status_code for _ in range(12)] == [200] * 6 + [429] * 6


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "x",
        signing.dumps([ALICE, "a"], salt="another"),
        signing.dumps(["bob@example.test", "a"], salt=SALT),
        "{}:x:y",
    ],
    ids=["empty", "not signed", "signed for something else", "of somebody else", "signed wrongly"],
)
def test_cookie_of_nobody_or_of_somebody_else_helps_nothing(alice, cookie):
    shut(*HERE)
    client = Client()
    client.cookies["device"] = cookie

    assert sign_in(client, PASSWORD).status_code == 429


def test_admin_counts_as_well(alice):
    shut(*HERE)

    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = Client()
    client.post("/admin/login/", {"username": ALICE, "password": PASSWORD})
    assert "_auth_user_id" not in client.session


def test_visitor_does_not_choose_the_address_that_is_counted(alice, settings):
    settings.DEBUG = True
    shut(*HERE)
    assert sign_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 429

    settings.DEBUG, settings.SECURE_SSL_REDIRECT = False, False
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    shut("address", ALICE, "203.0.113.5")
    for sent, status in {"203.0.113.5": 429, "1.1.1.1, 203.0.113.5": 429, "203.0.113.5, 1.1.1.1": 302}.items():
        assert sign_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR=sent, REMOTE_ADDR="10.0.0.1").status_code == status
