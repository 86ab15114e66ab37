"""The panel that makes a link, and what cards say of who sees a picture."""

import base64
import re

import pytest
from django.utils import timezone

from generations.models import Generation, Membership, Role, ShareLink, Visibility
from tests.factories import draw, make_person, order
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="two boats")


@pytest.fixture
def mia(team):
    return make_person("Mia", team)


def make(client, picture, **form):
    return client.post(f"/g/{picture.id}/share", form)


def address_in(response):
    return re.search(r'value="http://testserver(/s/[^"]+)"', response.content.decode()).group(1)


def test_link_is_made_shown_once_and_works(as_, bob, picture):
    client = as_(bob)

    response = make(client, picture, expires="7", show_prompt="1")

    url = address_in(response)
    assert "two boats" in outsider().get(url).content.decode()
    link = ShareLink.objects.get()
    assert (link.creator, link.show_prompt, link.allow_download) == (bob, True, False)
    again = client.get(f"/g/{picture.id}/share").content.decode()
    assert url.split("/")[2] not in again
    assert "7 days left" in again


def test_qr_code_is_in_the_answer_itself(as_, bob, picture):
    html = make(as_(bob), picture).content.decode()

    code = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html).group(1)
    assert base64.b64decode(code).startswith(b"<svg xmlns")


def test_form_that_cannot_be_met_comes_back_with_what_was_chosen(as_, bob, picture):
    response = make(as_(bob), picture, expires="until", until="2020-01-01", allow_download="1")

    html = response.content.decode()
    assert response.status_code == 422
    assert "This date has passed" in html
    assert 'value="until" checked' in html
    assert re.search(r'name="allow_download" value="1" checked', html)
    assert not ShareLink.objects.exists()


def test_never_is_offered_to_managers_only(as_, alice, bob, picture):
    assert 'value="never"' in as_(alice).get(f"/g/{picture.id}/share").content.decode()
    assert 'value="never"' not in as_(bob).get(f"/g/{picture.id}/share").content.decode()
    assert make(as_(bob), picture, expires="never").status_code == 422


@pytest.mark.parametrize("method", ["get", "post"])
def test_viewer_may_not_and_a_stranger_finds_nothing(as_, vera, charlie, picture, method):
    assert getattr(as_(vera), method)(f"/g/{picture.id}/share").status_code == 403
    assert getattr(as_(charlie), method)(f"/g/{picture.id}/share").status_code == 404
    assert getattr(outsider(), method)(f"/g/{picture.id}/share").status_code == 302
    assert not ShareLink.objects.exists()


def test_private_picture_of_somebody_else_is_not_there_to_share(as_, bob, picture):
    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert make(as_(bob), picture).status_code == 404


def test_waiting_picture_is_not_shared_yet(as_, alice, team):
    (row,) = order(alice, team)

    response = as_(alice).get(f"/g/{row.id}/share", follow=True)

    assert response.redirect_chain == [(f"/g/{row.id}/", 302)]
    assert "only share finished pictures" in response.content.decode()


def test_collection_is_shared_from_its_own_address(as_, bob, charlie, team, picture):
    url = f"/t/harbour/collections/{collect(bob, team, picture).id}/share"

    response = as_(bob).post(url, {"expires": "30"})

    assert "Signs" in outsider().get(address_in(response)).content.decode()
    assert as_(charlie).get(url).status_code == 404
    assert as_(charlie).get(url.replace("harbour", "charlies")).status_code == 404


def test_cover_that_is_private_is_not_shown_beside_the_form(as_, alice, bob, team, picture):
    url = f"/t/harbour/collections/{collect(alice, team, picture, cover=picture).id}/share"
    assert str(picture.id) in as_(bob).get(url).content.decode()

    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert str(picture.id) not in as_(bob).get(url).content.decode()
    assert str(picture.id) in as_(alice).get(url).content.decode()


def test_panel_lists_ones_own_links_and_all_for_managers(as_, alice, bob, picture):
    share(alice, picture)
    share(bob, picture)

    lists = [as_(who).get(f"/g/{picture.id}/share").content.decode().count("Revoke</button>") for who in (alice, bob)]

    assert lists == [2, 1]


@pytest.mark.parametrize("number", [1, 3])
def test_panel_costs_the_same_for_one_link_and_three(as_, bob, picture, number, django_assert_max_num_queries):
    client = as_(bob)
    for _ in range(number):
        share(bob, picture)

    with django_assert_max_num_queries(19):
        client.get(f"/g/{picture.id}/share")


# --- What a card says -----------------------------------------------------------------------------------------------


def card_of(client, picture):
    html = client.get("/t/harbour/").content.decode()
    return html.split(f'id="g-{picture.id}"')[1].split("</article>")[0]


def says(client, picture):
    card = card_of(client, picture)
    words = {"Anyone with the link", "Private", 'data-seen="team"'}
    return next(iter(word for word in words if word in card))


def test_tile_says_team_or_private_or_anyone_with_the_link(as_, alice, picture):
    client = as_(alice)
    assert says(client, picture) == 'data-seen="team"'

    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert says(client, picture) == "Private"

    share(alice, picture)
    assert says(client, picture) == "Anyone with the link"


@pytest.mark.parametrize("by", ["picture", "collection"])
def test_tile_stops_saying_so_when_the_link_shows_nothing(as_, alice, bob, team, picture, by):
    client = as_(alice)
    share(bob, picture if by == "picture" else collect(bob, team, picture))
    assert says(client, picture) == "Anyone with the link"

    Membership.objects.filter(user=bob).update(role=Role.VIEWER)
    assert says(client, picture) == 'data-seen="team"'

    Membership.objects.filter(user=bob).update(role=Role.MEMBER)
    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert says(client, picture) == "Private"

    Generation.objects.update(visibility=Visibility.TEAM)
    assert says(client, picture) == "Anyone with the link"
    ShareLink.objects.update(revoked_at=timezone.now())
    assert says(client, picture) == 'data-seen="team"'


def test_card_keeps_its_mark_after_a_star(as_, alice, picture):
    share(alice, picture)

    response = as_(alice).post(f"/g/{picture.id}/favourite", headers={"HX-Request": "true"})

    assert "Anyone with the link" in response.content.decode()


def test_detail_offers_sharing_to_who_may(as_, alice, vera, picture):
    assert f'href="/g/{picture.id}/share"' in as_(alice).get(f"/g/{picture.id}/").content.decode()
    assert f'href="/g/{picture.id}/share"' not in as_(vera).get(f"/g/{picture.id}/").content.decode()


@pytest.mark.parametrize(("who", "words"), [("alice", "All team links"), ("mia", "Your links in this team")])
def test_page_says_whose_links_it_leads_to(request, as_, bob, mia, team, picture, who, words):
    client = as_(request.getfixturevalue(who))
    collection = collect(bob, team, picture)

    for url in (f"/g/{picture.id}/share", f"/t/harbour/collections/{collection.id}/share"):
        link = client.get(url).content.decode().partition('<a href="/t/harbour/links/">')[2].partition("</a>")[0]
        assert link.strip() == words
