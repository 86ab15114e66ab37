"""Guessing is slowed down, and its victim still gets in."""

from ipaddress import ip_network

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client, RequestFactory

from generations.models import User
from generations.services.accounts import login_throttle
from generations.services.accounts.sign_in import MAX_ACCOUNTS, SALT, _account, remember_device
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
ALICE = "alice@example.test"
HERE = ("address", ALICE, "127.0.0.1")


def sign_in(client, password, email=ALICE, **options):
    return client.post("/login/", {"username": email, "password": password}, **options)


def shut(*who):
    """As after many guesses from there."""
    for _ in range(12):
        login_throttle.record_failure(*who)
    login_throttle.seconds_until_retry(*who)


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
        signing.dumps({_account(ALICE): "a"}, salt="another"),
        signing.dumps({_account("bob@example.test"): "a"}, salt=SALT),
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
    settings.TRUSTED_PROXIES = []
    shut(*HERE)
    assert sign_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 429

    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    shut("address", ALICE, "203.0.113.5")
    for sent, status in {"203.0.113.5": 429, "1.1.1.1, 203.0.113.5": 429, "203.0.113.5, 1.1.1.1": 302}.items():
        assert sign_in(Client(), PASSWORD, HTTP_X_FORWARDED_FOR=sent, REMOTE_ADDR="10.0.0.1").status_code == status


def test_browser_keeps_two_people_apart_and_says_of_neither_who_it_was(alice, bob):
    shared = Client()
    for person in (alice, bob):
        sign_in(shared, PASSWORD, person.email)
        shared.post("/logout/")
    shut(*HERE)
    shut("address", bob.email, "127.0.0.1")

    said = signing.loads(shared.cookies["device"].value, salt=SALT)
    assert len(said) == 2
    assert "example.test" not in str(said)
    for person in (alice, bob):
        assert sign_in(shared, PASSWORD, person.email).status_code == 302
        shared.post("/logout/")


def test_browser_forgets_the_oldest_of_many_people(alice):
    response = HttpResponse()
    request = RequestFactory().get("/")
    for number in range(MAX_ACCOUNTS + 1):
        remember_device(request, response, User(email=f"{number}@example.test"))
        request.COOKIES["device"] = response.cookies["device"].value
    remember_device(request, response, alice)

    assert len(signing.loads(response.cookies["device"].value, salt=SALT)) == MAX_ACCOUNTS
    assert len(response.cookies["device"].output()) < 1000


def test_device_cookie_is_out_of_reach_of_scripts_and_of_plain_http(alice):
    client = Client()
    cookie = client.post("/login/", {"username": ALICE, "password": PASSWORD}, secure=True).cookies["device"]

    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")


def test_changing_a_password_is_no_place_to_guess_the_old_one(alice, as_, clock):
    """An open browser that somebody finds: as many tries there as anywhere else."""
    client = as_(alice)
    form = {"new_password1": "a-brand-new-password", "new_password2": "a-brand-new-password"}

    for number in range(20):
        client.post("/accounts/password/", {"old_password": f"wrong {number}", **form})
    answer = client.post("/accounts/password/", {"old_password": PASSWORD, **form})

    assert "Too many wrong passwords. Try again in 1 second." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
