"""The page of a team's activity."""

import pytest

from generations.models import Generation, Visibility
from generations.queries.activity import activity
from generations.services.activity import comments
from generations.services.collections import collections
from generations.services.sharing.share_links import LinkTerms, create_link
from tests.factories import draw

pytestmark = pytest.mark.django_db
ADDRESS = "/t/harbour/activity/"


@pytest.fixture
def picture(bob, team, emulator):
    return draw(bob, team, prompt="a very quiet harbour")


@pytest.fixture
def busy(alice, bob, team, picture):
    signs = collections.get_or_create(actor=alice, team=team, name="Signs & <b>more</b>")
    collections.add(actor=alice, collection=signs, generations=[picture])
    comments.write(actor=alice, generation=picture, text="<i>fine</i>")
    return create_link(actor=alice, thing=picture, terms=LinkTerms(None))[1]


def test_page_tells_what_was_done_and_no_token(as_, vera, picture, busy):
    text = " ".join(as_(vera).get(ADDRESS).content.decode().split())

    assert '<h2 class="activity-date">Today</h2>' in text
    for words in (
        "generated a picture",
        "commented on a picture",
        "&lt;i&gt;fine",
        "created a share link to a picture",
        "Signs &amp;",
    ):
        assert words in text
    assert busy not in text
    assert "/s/" not in text


def test_private_picture_of_others_leaves_no_trace(as_, vera, picture, busy):
    Generation.objects.update(visibility=Visibility.PRIVATE)

    text = as_(vera).get(ADDRESS).content.decode()

    assert str(picture.id) not in text
    assert "quiet harbour" not in text
    assert "No activity yet" in text


def test_strangers_find_no_page(as_, charlie, team, client):
    assert as_(charlie).get(ADDRESS).status_code == 404
    assert client.get(ADDRESS).status_code == 302


def test_older_acts_have_an_address(as_, alice, picture, busy, monkeypatch):
    monkeypatch.setattr(activity, "PAGE_SIZE", 2)
    client = as_(alice)
    answer = client.get(ADDRESS)
    assert "generated a picture" not in answer.content.decode()

    older = client.get(answer.context["older_url"])
    assert "generated a picture" in older.content.decode()
    assert older.context["older_url"] == ""
    assert client.get(f"{ADDRESS}?before={Generation.objects.get().id}").url == ADDRESS


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(as_, alice, team, picture, number, django_assert_num_queries):
    for _ in range(number):
        comments.write(actor=alice, generation=picture, text="fine")
    client = as_(alice)
    client.get(ADDRESS)

    with django_assert_num_queries(QUERIES):
        client.get(ADDRESS)


QUERIES = 17
