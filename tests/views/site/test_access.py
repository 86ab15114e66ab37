"""Who may open which address: signed out → sign-in page, stranger → 404, wrong role → 403."""

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Generation
from generations.services.collections import collections
from tests.factories import draw, order

pytestmark = pytest.mark.django_db
TEAM_PAGES = ["gallery", "queue", "trash", "poll", "people", "links", "collections"]
PICTURE_PAGES = ["detail", "image"]
COLLECTION_PAGES = ["collection", "collection_zip"]
ACTIONS = ["favourite", "delete", "restore", "cancel", "look-up", "retry", "mark-lost"]
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team)


@pytest.fixture
def addresses(picture, team):
    pages = {name: reverse(name, args=[team.slug]) for name in TEAM_PAGES}
    pages |= {name: reverse(name, args=[picture.id]) for name in PICTURE_PAGES}
    collection = collections.get_or_create(actor=picture.author, team=team, name="Menu ideas")
    collections.add(actor=picture.author, collection=collection, generations=[picture])
    pages |= {name: reverse(name, args=[team.slug, collection.pk]) for name in COLLECTION_PAGES}
    return pages | {"thumbnail": reverse("thumbnail", args=[picture.id, 320])}


def statuses(client, addresses):
    """Read to the end, which is what closes a file that is being sent."""
    answers = {page: client.get(url) for page, url in addresses.items()}
    return {page: answer.getvalue() and answer.status_code for page, answer in answers.items()}


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_every_page_opens_for_everybody_of_the_team(request, as_, addresses, name):
    client = as_(request.getfixturevalue(name))

    assert statuses(client, addresses) == dict.fromkeys(addresses, 200)


def test_every_page_is_missing_for_a_stranger(as_, charlie, addresses):
    assert statuses(as_(charlie), addresses) == dict.fromkeys(addresses, 404)


def test_every_page_sends_a_visitor_to_sign_in_and_back(addresses):
    for url in addresses.values():
        response = Client().get(url)
        assert (response.status_code, response["Location"]) == (302, f"/login/?next={url}")


@pytest.mark.parametrize("action", ACTIONS)
def test_action_sends_a_visitor_to_sign_in_and_changes_nothing(picture, action):
    assert Client().post(f"/g/{picture.id}/{action}").status_code == 302
    assert Generation.objects.shown().get() == picture


@pytest.mark.parametrize("action", ACTIONS)
def test_action_is_missing_for_a_stranger(as_, charlie, picture, action):
    assert as_(charlie).post(f"/g/{picture.id}/{action}").status_code == 404
    assert Generation.objects.shown().get() == picture


@pytest.mark.parametrize("action", ["delete", "restore", "cancel", "look-up", "retry", "mark-lost"])
@pytest.mark.parametrize("name", ["bob", "vera"])
def test_other_peoples_pictures_are_not_theirs_to_change(request, as_, picture, name, action):
    response = as_(request.getfixturevalue(name)).post(f"/g/{picture.id}/{action}")

    assert response.status_code == 403
    assert "Ask a team owner to change it" in response.content.decode()
    assert Generation.objects.shown().get() == picture


def test_owner_may_delete_what_a_member_made(as_, alice, bob, team, emulator):
    picture = draw(bob, team)

    assert as_(alice).post(f"/g/{picture.id}/delete").status_code == 302
    assert Generation.objects.in_trash().get() == picture


def test_viewer_may_star_but_not_create(as_, vera, picture, team):
    client = as_(vera)

    assert client.post(f"/g/{picture.id}/favourite").status_code == 302
    assert client.post(reverse("create", args=[team.slug]), {"prompt": "words"}).status_code == 403
    assert Generation.objects.get() == picture


def test_stranger_and_visitor_cannot_create(as_, charlie, team):
    url = reverse("create", args=[team.slug])

    assert as_(charlie).post(url, {"prompt": "words"}).status_code == 404
    assert Client().post(url, {"prompt": "words"}).status_code == 302
    assert not Generation.objects.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_action_is_not_done_by_a_link_and_says_so(as_, alice, picture, action):
    response = as_(alice).get(f"/g/{picture.id}/{action}")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This page can't be opened directly" in response.content.decode()


def test_form_from_another_site_is_refused_with_a_way_out(alice, team):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    response = client.post(reverse("create", args=[team.slug]), {"prompt": "words"})

    assert response.status_code == 403
    assert "Go back, reload the page and send it again." in response.content.decode()
    assert not Generation.objects.exists()


def test_purged_picture_is_gone_for_everybody(as_, alice, picture):
    Generation.objects.filter(id=picture.id).update(purged_at=picture.queued_at, deleted_at=picture.queued_at)

    assert as_(alice).get(f"/g/{picture.id}/").status_code == 404
    assert as_(alice).get(f"/g/{picture.id}/image").status_code == 404


@pytest.mark.parametrize(
    "url", ["/t/nowhere/", "/g/0b5c1d9e-3f0a-4a57-9a51-0d5c33f7c8aa/", "/g/1/", "/t/ä/", "/nothing"]
)
def test_address_of_nothing_is_missing(as_, alice, url):
    assert as_(alice).get(url).status_code == 404


def test_every_page_carries_the_policy_and_may_not_be_shared(as_, alice, addresses):
    client = as_(alice)
    names = [*TEAM_PAGES, "detail", "collection"]

    for url in [*(addresses[name] for name in names), "/accounts/password/"]:
        response = client.get(url)
        assert response["Content-Security-Policy"] == CSP, url
        assert response["Cache-Control"] in {
            "private, no-store",
            "max-age=0, no-cache, no-store, must-revalidate, private",
        }
        assert (response["X-Frame-Options"], response["X-Content-Type-Options"]) == ("DENY", "nosniff")
        assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("url", ["/login/", "/healthz", "/readyz", "/admin/login/", "/t/nowhere/"])
def test_pages_for_visitors_carry_the_policy_too(url):
    assert Client().get(url)["Content-Security-Policy"] == CSP


def test_pages_hold_nothing_inline(as_, alice, team, addresses):
    order(alice, team)
    for name in [*TEAM_PAGES, "detail", "collection"]:
        html = as_(alice).get(addresses[name]).content.decode().lower()
        assert [word for word in ("<style", " style=", " onclick=", " onload=", "javascript:") if word in html] == [], (
            name
        )
        assert "<script>" not in html
