"""OpenID Connect against a provider that signs its tokens: who gets in by it, and that nothing else does."""

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from generations.models import Membership, Role, User
from generations.services.teams.invitations import invite
from generations.views.accounts import two_factor_sign_in
from hidream_site.sign_in import allauth_settings
from tests.factories import PASSWORD
from tests.infrastructure.authenticator import code_of, set_up_app
from tests.infrastructure.openid import CLIENT, SECRET, OpenIDProvider

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running():
    with OpenIDProvider() as provider:
        yield provider


@pytest.fixture
def alice(alice):
    """Her account has no password; nobody but the owner of the address can be in it."""
    alice.set_unusable_password()
    alice.save()
    return alice


@pytest.fixture
def provider(running, settings):
    running.person = {"sub": "a-1", "email": "Alice@example.test", "email_verified": True, "name": "Alice"}
    running.changes, running.key = {}, running.published
    settings.OIDC_ISSUER, settings.OIDC_NAME = running.url, "Harbour ID"
    given = allauth_settings(issuer=running.url, name="Harbour ID", client_id=CLIENT, secret=SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = given["SOCIALACCOUNT_PROVIDERS"]
    return running


def go(provider, client=None, query=""):
    """There and back again."""
    client = client or Client()
    return client, client.get(provider.sign_in(client.get(f"/login/openid/{query}")["Location"]))


def is_in(client):
    return client.get("/accounts/").status_code == 200


def refusal(answer):
    assert answer.status_code == 403
    return answer.content.decode()


def test_without_configuration_there_is_nothing(db):
    assert "openid" not in Client().get("/login/").content.decode()
    assert Client().get("/login/openid/").status_code == 404
    assert Client().get("/login/openid/callback/?code=1&state=2").status_code == 404


def test_button_names_the_provider(provider):
    assert "Continue with Harbour ID" in Client().get("/login/").content.decode()


def test_person_gets_in_by_the_verified_address_and_goes_on(provider, alice):
    client, answer = go(provider, query="?next=/t/harbour/queue/")

    assert (answer.status_code, answer["Location"]) == (302, "/t/harbour/queue/")
    assert is_in(client)
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.parametrize("target", ["https://elsewhere.test/", "//elsewhere.test/", "/\\elsewhere.test"])
def test_way_back_leads_nowhere_else(provider, alice, target):
    assert go(provider, query=f"?next={target}")[1]["Location"] == "/"


def test_second_factor_is_asked_for_here_too(provider, alice):
    secret, _ = set_up_app(alice)
    client, answer = go(provider)

    assert answer["Location"] == "/login/two-factor/"
    assert not is_in(client)
    client.post("/login/two-factor/", {"code": code_of(secret)})
    assert is_in(client)


def test_account_with_a_password_is_connected_by_whoever_knows_it(provider, bob):
    """It may have been made by somebody else in the name of the address."""
    provider.person |= {"sub": "b-1", "email": bob.email}
    client, answer = go(provider)

    assert answer["Location"] == "/login/"
    assert not is_in(client)
    assert "already has an account. Sign in with your password once" in client.get("/login/").content.decode()
    assert not SocialAccount.objects.exists()

    client.post("/login/", {"username": bob.email, "password": PASSWORD})
    assert is_in(client)
    assert SocialAccount.objects.get().user == bob
    assert is_in(go(provider)[0])


def test_somebody_elses_password_connects_nothing(provider, alice, bob, vera):
    provider.person |= {"sub": "b-1", "email": bob.email}
    client, _ = go(provider)

    client.post("/login/", {"username": vera.email, "password": PASSWORD})

    assert is_in(client)
    assert not SocialAccount.objects.exists()


def test_password_that_comes_too_late_connects_nothing(provider, bob, monkeypatch):
    provider.person |= {"sub": "b-1", "email": bob.email}
    client, _ = go(provider)
    monkeypatch.setattr(two_factor_sign_in, "PENDING_SECONDS", -1)

    client.post("/login/", {"username": bob.email, "password": PASSWORD})

    assert is_in(client)
    assert not SocialAccount.objects.exists()


def test_person_stays_the_same_when_the_address_changes_there(provider, alice):
    go(provider)
    provider.person["email"] = "alice.married@example.test"

    assert is_in(go(provider)[0])
    assert User.objects.filter(email=alice.email).exists()


def test_address_that_was_given_to_somebody_else_there_does_not_hand_over_the_account(provider, alice):
    go(provider)
    provider.person["sub"] = "a-2"
    client, answer = go(provider)

    assert "is already connected to the account" in refusal(answer)
    assert not is_in(client)


def test_invited_person_gets_an_account_without_a_password(provider, alice, team):
    invitation, _ = invite(actor=alice, team=team, role=Role.VIEWER, email="nora@example.test")
    provider.person |= {"sub": "n-1", "email": "nora@example.test", "name": "Nora"}
    client, answer = go(provider)

    assert answer["Location"] == "/"
    assert is_in(client)
    nora = User.objects.get(email="nora@example.test")
    assert (nora.name, nora.has_usable_password()) == ("Nora", False)
    assert Membership.objects.get(user=nora).role == Role.VIEWER
    invitation.refresh_from_db()
    assert invitation.accepted_by == nora


def test_invitation_whose_sender_left_lets_nobody_in(provider, alice, team):
    invite(actor=alice, team=team, role=Role.VIEWER, email="nora@example.test")
    Membership.objects.filter(user=alice).delete()
    provider.person |= {"sub": "n-1", "email": "nora@example.test"}

    assert "no open invitation" in refusal(go(provider)[1])
    assert not User.objects.filter(email="nora@example.test").exists()


def test_stranger_is_told_why(provider, alice):
    provider.person |= {"sub": "s-1", "email": "stranger@example.test"}
    client, answer = go(provider)

    assert "stranger@example.test has no account and no open invitation. Ask a team owner to invite you." in refusal(
        answer
    )
    assert not is_in(client)
    assert not User.objects.filter(email="stranger@example.test").exists()


@pytest.mark.parametrize("verified", [False, None, "false", "", 0])
def test_address_that_is_not_verified_opens_nothing(provider, alice, verified):
    provider.person["email_verified"] = verified

    assert "verified" in refusal(go(provider)[1])
    assert not SocialAccount.objects.exists()


def test_letter_that_only_looks_the_same_in_lower_case_is_another_address(provider, db):
    User.objects.create_user("kim@example.test", "correct horse battery")
    provider.person |= {"sub": "k-1", "email": "\N{KELVIN SIGN}im@example.test"}

    assert "no account and no open invitation" in refusal(go(provider)[1])


def test_person_who_was_switched_off_stays_out(provider, alice):
    go(provider)
    User.objects.update(is_active=False)

    assert "deactivated" in refusal(go(provider)[1])


def test_way_back_without_a_way_out_opens_nothing(provider, alice):
    address = Client().get("/login/openid/")["Location"]
    victim = Client()

    refusal(victim.get(provider.sign_in(address)))
    refusal(victim.get("/login/openid/callback/?code=x&state=y"))
    refusal(victim.get("/login/openid/callback/"))
    assert not is_in(victim)


def test_way_back_works_once(provider, alice):
    client = Client()
    way_back = provider.sign_in(client.get("/login/openid/")["Location"])
    assert client.get(way_back).status_code == 302
    client.post("/logout/")

    refusal(client.get(way_back))
    assert not is_in(client)


def test_code_of_another_sign_in_is_not_taken(provider, alice):
    """The code was caught elsewhere; without what only that browser's session knows (PKCE) it is nothing."""
    caught = provider.sign_in(Client().get("/login/openid/")["Location"])
    client = Client()
    own = provider.sign_in(client.get("/login/openid/")["Location"])
    mixed = own.split("?")[0] + "?" + caught.split("?")[1].split("&")[0] + "&" + own.split("&")[1]

    refusal(client.get(mixed))
    assert not is_in(client)


@pytest.mark.parametrize(
    "changes",
    [{"nonce": "of yesterday"}, {"aud": "another site"}, {"iss": "http://127.0.0.1:1"}, {"exp": 1_700_000_000},
     {"sub": "somebody else"}],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_token_that_is_not_for_this_sign_in_opens_nothing(provider, alice, changes):
    provider.changes = changes
    client, answer = go(provider)

    refusal(answer)
    assert not is_in(client)


def test_token_of_another_key_opens_nothing(provider, alice):
    provider.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    refusal(go(provider)[1])


def test_person_who_changed_her_mind_finds_the_way_back(provider, alice):
    client = Client()
    state = provider.sign_in(client.get("/login/openid/")["Location"]).split("state=")[1]

    refusal(client.get(f"/login/openid/callback/?error=access_denied&state={state}"))


def test_provider_that_is_away_is_said(provider, settings, alice):
    away = allauth_settings(issuer="http://127.0.0.1:1", name="Away", client_id=CLIENT, secret=SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = away["SOCIALACCOUNT_PROVIDERS"]

    assert "didn&#x27;t respond" in refusal(Client().get("/login/openid/"))
