"""Signing in and out, the password, and the look of this browser."""

import pytest
from django.test import Client

from generations.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(username, password=PASSWORD, **more):
    client = Client()
    return client, client.post("/login/", {"username": username, "password": password, **more})


@pytest.mark.parametrize("username", ["alice@example.test", "Alice@Example.TEST", " ALICE@example.test "])
def test_person_signs_in_with_the_address_in_any_case(alice, username):
    client, response = sign_in(username)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/")["Location"] == "/t/harbour/"


@pytest.mark.parametrize(("username", "password"), [("alice@example.test", "wrong"), ("nobody@example.test", PASSWORD)])
def test_wrong_address_and_wrong_password_look_the_same(alice, username, password):
    _, response = sign_in(username, password)

    assert response.status_code == 200
    assert username in response.content.decode()
    assert (
        response.context["form"].non_field_errors()[0].startswith("Please enter a correct email address and password.")
    )


def test_person_who_was_switched_off_cannot_sign_in(alice):
    User.objects.update(is_active=False)

    assert sign_in("alice@example.test")[1].status_code == 200


@pytest.mark.parametrize(
    ("target", "location"), [("/t/harbour/queue/", "/t/harbour/queue/"), ("https://elsewhere.test/", "/")]
)
def test_sign_in_leads_on_but_never_to_another_site(alice, target, location):
    assert sign_in("alice@example.test", next=target)[1]["Location"] == location


def test_person_who_is_signed_in_does_not_see_the_form(as_, alice):
    assert as_(alice).get("/login/")["Location"] == "/"


def test_sign_out_ends_the_session_and_needs_a_form(as_, alice):
    client = as_(alice)

    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/?signed-out"
    assert client.get("/")["Location"].startswith("/login/")


def test_password_is_changed_and_this_browser_stays_signed_in(as_, alice):
    client, new = as_(alice), "a wholly new passphrase"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    assert client.post("/accounts/password/", form)["Location"] == "/accounts/password/done/"

    assert client.get("/accounts/password/done/").status_code == 200
    assert sign_in(alice.email, new)[1].status_code == 302
    assert sign_in(alice.email, PASSWORD)[1].status_code == 200


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", "a wholly new passphrase"), (PASSWORD, "short"), (PASSWORD, "alice@example")]
)
def test_password_change_that_is_refused_changes_nothing(as_, alice, old, new):
    form = {"old_password": old, "new_password1": new, "new_password2": new}

    response = as_(alice).post("/accounts/password/", form)

    assert response.status_code == 200
    assert response.context["form"].errors
    assert sign_in(alice.email)[1].status_code == 302


def test_password_pages_are_for_people_who_are_signed_in():
    assert Client().get("/accounts/password/")["Location"].startswith("/login/")


@pytest.mark.parametrize(("chosen", "shown"), [("light", "light"), ("dark", "dark"), ("system", ""), ("<b>", "")])
def test_theme_is_kept_in_a_cookie_and_shown_on_every_page(as_, alice, chosen, shown):
    client = as_(alice)
    client.cookies["theme"] = "light" if shown != "light" else "dark"

    response = client.post("/theme/", {"theme": chosen, "next": "/t/harbour/"})

    assert (response.status_code, response["Location"]) == (302, "/t/harbour/")
    page = client.get("/t/harbour/")
    assert page.context["site"].theme == shown
    assert ('data-theme="' in page.content.decode().partition("<head>")[0]) is bool(shown)


def test_theme_works_for_visitors_and_never_leads_to_another_site():
    client = Client()

    for target in ("https://elsewhere.test/", "//elsewhere.test", "elsewhere", ""):
        assert client.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"
    assert client.cookies["theme"]["httponly"]


@pytest.mark.parametrize("address", ["/login/", "/accounts/reset/", "/accounts/reset/sent/"])
def test_theme_is_shown_to_visitors(address):
    client = Client()
    client.cookies["theme"] = "dark"

    assert 'data-theme="dark"' in client.get(address).content.decode()


def test_cookie_that_is_no_theme_is_ignored(as_, alice):
    client = as_(alice)
    client.cookies["theme"] = "x onload=y"

    assert client.get("/t/harbour/").context["site"].theme == ""


def test_sign_in_page_offers_no_demo_people_where_there_are_none(settings):
    settings.DEBUG = True

    assert Client().get("/login/").context["demo"] == []
