"""Nobody with a second factor gets in without it, by whichever door."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from generations.models import Session
from generations.services.accounts import login_throttle
from generations.services.accounts.two_factor import use_code
from generations.views.accounts.two_factor_sign_in import PENDING, PENDING_SECONDS
from tests.factories import PASSWORD
from tests.infrastructure.authenticator import code_of, sealed_on, secret_on, set_up_app

pytestmark = pytest.mark.django_db
NEW = "a wholly new passphrase"


@pytest.fixture
def app(alice):
    secret, codes = set_up_app(alice)
    return {"secret": secret, "codes": codes}


def first_step(user, password=PASSWORD, **more):
    client = Client()
    return client, client.post("/login/", {"username": user.email, "password": password, **more})


def try_code(client, code):
    return client.post("/login/two-factor/", {"code": code})


def is_in(client):
    return client.get("/accounts/").status_code == 200


def test_password_alone_leads_to_the_second_step_and_not_in(alice, app):
    client, answer = first_step(alice)

    assert answer["Location"] == "/login/two-factor/"
    assert not is_in(client)
    assert "device" not in client.cookies
    assert not Session.objects.filter(user=alice).exists()


def test_code_leads_in_and_on_to_where_one_wanted(alice, app):
    client, _ = first_step(alice, next="/t/harbour/queue/")
    answer = try_code(client, code_of(app["secret"]))

    assert answer["Location"] == "/t/harbour/queue/"
    assert is_in(client)
    assert PENDING not in client.session


def test_recovery_code_leads_in_once(alice, app):
    client, _ = first_step(alice)
    assert try_code(client, app["codes"][0]).status_code == 302

    client, _ = first_step(alice)
    assert try_code(client, app["codes"][0]).status_code == 422
    assert not is_in(client)


def test_code_that_was_seen_does_not_lead_in_again(alice, app):
    code = code_of(app["secret"])
    try_code(first_step(alice)[0], code)

    client, _ = first_step(alice)
    answer = try_code(client, code)

    assert answer.status_code == 422
    assert "was already used" in answer.content.decode()
    assert not is_in(client)


def test_key_of_the_session_changes_at_each_step(alice, app):
    client = Client()
    keys = [client.session.session_key]
    client.post("/login/", {"username": alice.email, "password": PASSWORD})
    keys.append(client.session.session_key)
    try_code(client, code_of(app["secret"]))
    keys.append(client.session.session_key)

    assert len(set(keys)) == 3
    assert not Session.objects.filter(session_key__in=keys[:2]).exists()


def test_guesses_of_codes_are_slowed_down_wherever_they_come_from(alice, app, clock):
    statuses = []
    for number in range(40):
        client, _ = first_step(alice)
        statuses.append(
            client.post("/login/two-factor/", {"code": "000000"}, REMOTE_ADDR=f"192.0.2.{number}").status_code
        )

    assert statuses == [422] * 6 + [429] * 34
    login_throttle.clear_failures("code", "account", alice.email)
    for _ in range(14):
        login_throttle.record_failure("code", "account", alice.email)
    login_throttle.seconds_until_retry("code", "account", alice.email)
    client, _ = first_step(alice)
    answer = try_code(client, code_of(app["secret"]))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1


def test_guesses_of_strangers_do_not_keep_the_known_browser_out(alice, app):
    known, _ = first_step(alice)
    try_code(known, code_of(app["secret"]))
    known.post("/logout/")
    for _ in range(20):
        try_code(first_step(alice)[0], "000000")

    known.post("/login/", {"username": alice.email, "password": PASSWORD})
    assert try_code(known, code_of(app["secret"], steps=1)).status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_second_step_without_the_first_is_the_sign_in(app, method):
    answer = getattr(Client(), method)("/login/two-factor/", {"code": code_of(app["secret"])})

    assert answer["Location"] == "/login/"


def test_first_step_is_forgotten_after_ten_minutes(alice, app):
    client, _ = first_step(alice)
    session = client.session
    session[PENDING] = {**session[PENDING], "since": time.time() - PENDING_SECONDS - 1}
    session.save()

    assert try_code(client, code_of(app["secret"]))["Location"] == "/login/"
    assert not is_in(client)


def test_new_password_and_being_switched_off_end_the_first_step(alice, app):
    client, _ = first_step(alice)
    alice.set_password(NEW)
    alice.save()
    assert try_code(client, code_of(app["secret"]))["Location"] == "/login/"

    client, _ = first_step(alice, NEW)
    alice.is_active = False
    alice.save()
    assert try_code(client, code_of(app["secret"]))["Location"] == "/login/"


def test_forgotten_password_is_no_way_round(alice, app):
    client = Client()
    uid = urlsafe_base64_encode(force_bytes(alice.pk))
    address = client.get(f"/accounts/reset/{uid}/{default_token_generator.make_token(alice)}/")["Location"]
    client.post(address, {"new_password1": NEW, "new_password2": NEW})

    assert not is_in(client)
    client, answer = first_step(alice, NEW)
    assert answer["Location"] == "/login/two-factor/"
    assert not is_in(client)


def test_admin_is_no_way_round(alice, app):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = Client()

    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"
    form = {"username": alice.email, "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/?next=/admin/", form).status_code == 405

    assert client.post("/login/", form)["Location"] == "/login/two-factor/"
    assert client.get("/admin/").status_code == 302
    assert try_code(client, code_of(app["secret"]))["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_admin_shows_no_secrets_and_no_factors(as_, alice, app):
    alice.is_staff = alice.is_superuser = True
    alice.save()

    page = as_(alice).get("/admin/").content.decode()
    assert not re.findall(r"/admin/(?:mfa|account|socialaccount)/", page)


def test_admin_is_nothing_for_people_and_does_not_send_them_in_circles(as_, bob):
    assert as_(bob).get("/admin/", follow=True).status_code == 404


def test_change_of_password_keeps_the_factor(as_, alice, app):
    as_(alice).post("/accounts/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})

    assert first_step(alice, NEW)[1]["Location"] == "/login/two-factor/"


def test_app_is_set_up_and_the_codes_are_shown_once(as_, alice):
    client, _ = first_step(alice)
    page = client.get("/accounts/two-factor/app/")
    secret, form = secret_on(page), {"sealed": sealed_on(page)}

    wrong = client.post("/accounts/two-factor/app/", {**form, "code": "000000"})
    assert (wrong.status_code, secret_on(wrong)) == (422, secret)
    done = client.post("/accounts/two-factor/app/", {**form, "code": code_of(secret)})

    codes = re.findall(r"<li>(\d{4} \d{4})</li>", done.content.decode())
    assert len(codes) == 10
    assert client.get("/accounts/two-factor/app/")["Location"] == "/accounts/"
    assert not any(code in client.get("/accounts/").content.decode() for code in codes)
    assert use_code(user=alice, code=codes[0], who=("account", alice.email))


def test_secret_drawn_for_somebody_else_is_not_taken(alice, bob):
    theirs = first_step(bob)[0].get("/accounts/two-factor/app/")
    client, _ = first_step(alice)

    answer = client.post(
        "/accounts/two-factor/app/", {"sealed": sealed_on(theirs), "code": code_of(secret_on(theirs))}
    )  # fmt: skip

    assert answer.status_code == 422
    assert secret_on(answer) != secret_on(theirs)


CHANGES = ["app/remove", "recovery-codes/", "passkeys/1/rename", "passkeys/1/remove"]


@pytest.mark.parametrize("name", CHANGES)
def test_browser_left_open_changes_nothing(as_, alice, app, name):
    client, _ = first_step(alice)
    try_code(client, code_of(app["secret"]))
    session = client.session
    session["confirmed_at"] = time.time() - 16 * 60
    session.save()

    assert client.post(f"/accounts/two-factor/{name}")["Location"] == "/accounts/confirm/?next=%2Faccounts%2F"
    assert first_step(alice)[1]["Location"] == "/login/two-factor/"


@pytest.mark.parametrize("proof", ["password", "code", "recovery"])
def test_password_or_a_code_confirms(as_, alice, app, proof):
    proofs = {"password": PASSWORD, "code": code_of(app["secret"]), "recovery": app["codes"][0]}
    client = _stale(as_(alice))

    assert client.post("/accounts/confirm/", {"proof": "wrong"}).status_code == 422
    assert client.post("/accounts/two-factor/app/remove")["Location"].startswith("/accounts/confirm/")
    assert client.post("/accounts/confirm/", {"proof": proofs[proof]})["Location"] == "/accounts/"
    assert client.post("/accounts/two-factor/app/remove")["Location"] == "/accounts/"
    assert first_step(alice)[1]["Location"] == "/"


def _stale(client):
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    return client


def test_confirming_is_slowed_down_and_leads_nowhere_outside(as_, alice):
    client = _stale(as_(alice))
    inside = client.post("/accounts/confirm/", {"proof": PASSWORD, "next": "https://elsewhere.test/"})
    statuses = [client.post("/accounts/confirm/", {"proof": "wrong"}).status_code for _ in range(12)]

    assert inside["Location"] == "/accounts/"
    assert statuses.count(429) >= 5


def test_removal_ends_nothing_else(as_, alice, bob, app):
    set_up_app(bob)
    elsewhere, client = as_(alice), as_(alice)

    assert client.post("/accounts/two-factor/app/remove").status_code == 302

    assert is_in(elsewhere)
    assert is_in(client)
    assert first_step(bob)[1]["Location"] == "/login/two-factor/"


@pytest.mark.parametrize("name", ["rename", "remove"])
def test_passkey_of_somebody_else_is_nowhere(as_, alice, bob, name):
    theirs = Authenticator.objects.create(user=bob, type=Authenticator.Type.WEBAUTHN, data={"name": "Bob's"})

    answer = as_(alice).post(f"/accounts/two-factor/passkeys/{theirs.pk}/{name}", {"name": "mine now"})

    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.data == {"name": "Bob's"}


def test_page_of_the_account_asks_the_same_with_many_passkeys(as_, alice, django_assert_max_num_queries):
    client = as_(alice)
    with CaptureQueriesContext(connection) as without:
        client.get("/accounts/")
    for number in range(8):
        Authenticator.objects.create(user=alice, type=Authenticator.Type.WEBAUTHN, data={"name": f"Key {number}"})

    with django_assert_max_num_queries(len(without)):
        assert client.get("/accounts/").content.decode().count("Added ") == 8


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "[" * 20_000, '{"id": 1}', '{"response": {"userHandle": "MQ"}}', "x"]
)
@pytest.mark.parametrize("address", ["/login/passkey/", "/login/two-factor/"])
def test_hostile_answers_of_passkeys_open_nothing(alice, app, address, answer):
    client, _ = first_step(alice)
    client.get(address)

    assert client.post(address, {"answer": answer}).status_code == 422
    assert not is_in(client)
