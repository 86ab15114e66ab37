"""The page an invited person opens, and the one answer for every link that opens nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import Invitation, Membership, Role, User
from generations.services.teams.invitations import accept, invite, revoke
from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db
DORA = "dora@example.test"
FORM = {"name": "Dora", "email": DORA, "password": PASSWORD}


@pytest.fixture
def link(alice, team):
    return address(invite(actor=alice, team=team, role=Role.MEMBER)[1])


@pytest.fixture
def letter(alice, team):
    return address(invite(actor=alice, team=team, role=Role.MEMBER, email=DORA)[1])


def address(token):
    return f"/invitation/{token}/"


def test_newcomer_chooses_name_and_password_and_is_in(link):
    client = Client()
    assert "<bdi>Alice</bdi> invited you. Your role: Member." in client.get(link).content.decode()

    response = client.post(link, FORM)

    assert response["Location"] == "/t/harbour/"
    assert client.get("/t/harbour/").status_code == 200
    user = User.objects.get(email=DORA)
    assert (user.name, user.check_password(PASSWORD)) == ("Dora", True)
    assert Client().get(link).status_code == 404


def test_address_of_a_letter_is_fixed(letter):
    Client().post(letter, {**FORM, "email": "emil@example.test"})

    assert Membership.objects.exclude(role="owner").get().user.email == DORA


def test_newcomer_with_an_account_signs_in_first(letter):
    make_person("Dora")

    page = Client().get(letter).content.decode()

    assert f'href="/login/?next={letter}"' in page
    assert 'name="password"' not in page


def test_signed_in_person_accepts_with_one_click(as_, link):
    emil = make_person("Emil")
    client = as_(emil)
    assert 'You\'re signed in as <b dir="auto">Emil</b>' in client.get(link).content.decode()

    assert client.post(link)["Location"] == "/t/harbour/"
    assert Membership.objects.get(user=emil).role == "member"


def test_letter_to_somebody_else_says_so(as_, letter):
    emil = make_person("Emil")

    assert (
        f"This invitation is for {DORA}, but you're signed in as emil@example.test."
        in as_(emil).get(letter).content.decode()
    )
    assert as_(emil).post(letter).status_code == 403
    assert not Membership.objects.filter(user=emil).exists()


def test_somebody_who_is_in_is_led_there_and_the_link_stays(as_, bob, link):
    assert as_(bob).post(link)["Location"] == "/t/harbour/"
    assert Client().get(link).status_code == 200


def test_opening_it_changes_nothing(link, as_, bob):
    before = Invitation.objects.values().get()
    for client in (Client(), as_(bob)):
        client.get(link)
        client.head(link)

    assert Invitation.objects.values().get() == before
    assert not User.objects.filter(email=DORA).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"password": "short"}, "This password is too short."),
        ({"password": "dora@example"}, "The password is too similar to the email address."),
        ({"name": "  "}, "This field is required."),
        ({"email": "nobody"}, "Enter a valid email address."),
        (
            {"email": "ALICE@example.test"},
            "This email address already has an account. Sign in, then open",
        ),
    ],
)
def test_form_that_is_refused_uses_nothing_up(link, changes, sentence):
    response = Client().post(link, {**FORM, **changes})

    assert response.status_code == 422
    assert sentence in re.sub(r"\s+", " ", response.content.decode())
    assert Client().get(link).status_code == 200


def dead_links(alice, team):
    unknown = address("A" * 43)
    revoked, one = invite(actor=alice, team=team, role=Role.MEMBER)
    revoke(actor=alice, invitation=revoked)
    used, two = invite(actor=alice, team=team, role=Role.MEMBER)
    accept(actor=make_person("Emil"), invitation=used)
    expired, three = invite(actor=alice, team=team, role=Role.MEMBER, email=DORA)
    Invitation.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    return [unknown, *(address(token) for token in (one, two, three)), address("x"), address("A" * 43 + "B")]


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_dead_link_answers_the_same(as_, alice, charlie, team, signed_in, method):
    client = as_(charlie) if signed_in else Client()

    answers = [getattr(client, method)(url) for url in dead_links(alice, team)]

    pages = {re.sub(r"[0-9a-f]{32}", "", answer.content.decode()) for answer in answers}
    headers = {tuple(sorted((k, v) for k, v in a.headers.items() if k != "X-Request-ID")) for a in answers}
    assert {answer.status_code for answer in answers} == {404}
    assert (len(pages), len(headers)) == (1, 1)
    assert "This invitation doesn&#x27;t work" in pages.pop()


@pytest.mark.parametrize("alive", [True, False])
def test_page_is_not_told_kept_or_indexed(link, alive):
    response = Client().get(link if alive else address("x"))

    assert response["Referrer-Policy"] == "strict-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_form_from_another_site_is_refused(link):
    assert Client(enforce_csrf_checks=True).post(link, FORM).status_code == 403
