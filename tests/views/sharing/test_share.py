"""The panel that creates a link and changes its options, and what cards say of who sees a picture."""

import base64
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import AuditAction, AuditEvent, Generation, Membership, Role, ShareLink, Visibility
from tests.factories import draw, make_person, order
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt="two boats")


@pytest.fixture
def mia(team):
    return make_person("Mia", team)


HTMX = {"HX-Request": "true"}


def make(client, picture, **form):
    return client.post(f"/g/{picture.id}/share", form)


def change(client, link, *, headers=None, **form):
    return client.post(f"/t/harbour/links/{link.id}/change", form, headers=headers)


def address_in(response):
    """Return the address of the link, on the page that a form leads to or in the answer to htmx."""
    if response.status_code == 302:
        response = response.client.get(response["Location"])
    return re.search(r'value="http://testserver(/s/[^"]+)"', response.content.decode()).group(1)


def checked_in(html):
    """Return the names of the switches that are on, and the chosen end."""
    boxes = re.findall(r"<input\s[^>]*>", html)
    on = {re.search(r'name="(\w+)"', box).group(1) for box in boxes if 'type="checkbox"' in box and "checked" in box}
    ends = [re.search(r'value="(\w+)"', box).group(1) for box in boxes if 'name="expires"' in box and "checked" in box]
    return on, ends


def test_link_is_made_and_works(as_, bob, picture):
    client = as_(bob)

    response = make(client, picture, expires="7", show_prompt="1")

    assert "two boats" in outsider().get(address_in(response)).content.decode()
    link = ShareLink.objects.get()
    assert (link.creator, link.show_prompt, link.allow_download) == (bob, True, False)


def test_its_creator_alone_can_copy_it_again(as_, alice, bob, picture):
    url = address_in(make(as_(bob), picture))

    pages = {who: as_(who).get(f"/g/{picture.id}/share").content.decode() for who in (alice, bob)}

    assert url in pages[bob]
    assert url not in pages[alice]
    assert "30 days left" in pages[alice]


def test_htmx_gets_the_panel_without_the_page_and_what_to_copy(as_, bob, picture):
    response = as_(bob).post(f"/g/{picture.id}/share", {"expires": "1"}, headers=HTMX)

    html = response.content.decode()
    assert response.status_code == 200
    assert html.lstrip().startswith("<section")
    assert "data-created" in html
    assert outsider().get(address_in(response)).status_code == 200


def test_new_link_begins_with_the_options_of_the_last_one_but_its_password(as_, bob, team, picture):
    client = as_(bob)
    make(client, picture, expires="7", allow_download="1", protected="1", password="open sesame")
    other = draw(bob, team, prompt="a crane")

    html = client.get(f"/g/{other.id}/share").content.decode()

    assert checked_in(html) == ({"allow_download"}, ["7"])
    assert "sesame" not in html


def test_link_whose_key_is_lost_says_so_and_works(as_, bob, picture, settings):
    url = address_in(make(as_(bob), picture))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "drawn anew, and the old one not kept as a fallback", []

    html = as_(bob).get(f"/g/{picture.id}/share").content.decode()

    assert "its address can't be shown again" in html.replace("&#x27;", "'")
    assert outsider().get(url).status_code == 200


# --- Changing one ---------------------------------------------------------------------------------------------------


def test_options_change_after_the_fact_and_nothing_else_does(as_, bob, picture):
    link, url = share(bob, picture, show_prompt=True, password="open sesame")

    response = change(as_(bob), link, expires="30", allow_download="1", protected="1")

    assert response["Location"] == f"/g/{picture.id}/share"
    before = (link.expires_at, link.password, link.token_hash)
    link.refresh_from_db()
    assert (link.expires_at, link.password, link.token_hash) == before
    assert (link.allow_download, link.show_prompt) == (True, False)
    assert "Password required" in outsider().get(url).content.decode()


@pytest.mark.parametrize(
    ("form", "days"), [({"expires": "1"}, 1), ({"expires": "7"}, 7), ({"expires": "until", "until": "@in_90"}, 91)]
)
def test_end_is_moved(as_, bob, picture, form, days):
    link, _ = share(bob, picture)
    today = timezone.localdate()
    form = {name: str(today + timedelta(days=90)) if value == "@in_90" else value for name, value in form.items()}

    change(as_(bob), link, **form)

    link.refresh_from_db()
    assert (timezone.localdate(link.expires_at) - today).days in {days, days + 1}  # in case midnight passes meanwhile


def test_password_is_set_changed_and_taken_off(as_, bob, picture):
    link, url = share(bob, picture)
    client = as_(bob)

    change(client, link, expires="30", protected="1", password="open sesame")
    assert "Password required" in outsider().get(url).content.decode()

    change(client, link, expires="30")
    assert "Password required" not in outsider().get(url).content.decode()


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"expires": "30", "protected": "1"}, "at least 8 characters"),
        ({"expires": "30", "protected": "1", "password": "short"}, "at least 8 characters"),
        ({"expires": "until"}, "Choose an expiry date"),
        ({"expires": "until", "until": "2020-01-01"}, "This date has passed"),
        ({"expires": "never"}, "never"),
    ],
)
def test_change_that_cannot_be_met_changes_nothing_and_says_why(as_, bob, picture, form, says):
    link, url = share(bob, picture, show_names=True)

    response = change(as_(bob), link, headers=HTMX, **form)

    assert response.status_code == 422
    assert says in response.content.decode()
    assert address_in(response) == url
    assert ShareLink.objects.filter(pk=link.pk, show_names=True, password="").exists()


def test_links_of_others_and_ended_ones_are_not_there_to_change(as_, alice, bob, vera, picture):
    link, _ = share(bob, picture)

    answers = [change(as_(who), link, expires="7").status_code for who in (alice, vera)]
    revoked, _ = share(bob, picture)
    ShareLink.objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())

    assert (*answers, change(as_(bob), revoked, expires="7").status_code) == (404, 403, 404)
    assert not ShareLink.objects.exclude(expires_at=link.expires_at).exclude(pk=revoked.pk).exists()


def test_end_without_limit_stays_when_its_creator_is_a_manager_no_longer(as_, bob, team, picture):
    link, _ = share(bob, picture)
    ShareLink.objects.update(expires_at=None)

    change(as_(bob), link, expires="never", show_names="1")

    link.refresh_from_db()
    assert (link.expires_at, link.show_names) == (None, True)


def test_change_is_an_audit_event(as_, bob, team, picture):
    link, _ = share(bob, picture)

    change(as_(bob), link, expires="7")

    assert AuditEvent.objects.filter(
        action=AuditAction.CHANGED_LINK, actor=bob, team=team, subject__contains=str(link.id)
    )


# --- Creating one ---------------------------------------------------------------------------------------------------


def test_qr_code_is_in_the_answer_itself(as_, bob, picture):
    make(as_(bob), picture)

    html = as_(bob).get(f"/g/{picture.id}/share").content.decode()

    code = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', html).group(1)
    assert base64.b64decode(code).startswith(b"<svg xmlns")


def test_form_that_cannot_be_met_comes_back_with_what_was_chosen(as_, bob, picture):
    response = make(as_(bob), picture, expires="until", until="2020-01-01", allow_download="1")

    html = response.content.decode()
    assert response.status_code == 422
    assert "This date has passed" in html
    assert checked_in(html) == ({"allow_download"}, ["until"])
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

    pages = [as_(who).get(f"/g/{picture.id}/share").content.decode() for who in (alice, bob)]

    assert [len(re.findall(r"Revoke(?: link)?</button>", page)) for page in pages] == [2, 1]


@pytest.mark.parametrize("number", [1, 3])
def test_panel_costs_the_same_for_one_link_and_three(as_, bob, picture, number, django_assert_max_num_queries):
    client = as_(bob)
    for _ in range(number):
        share(bob, picture)

    with django_assert_max_num_queries(21):
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
