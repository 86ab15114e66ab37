"""The page of a team's activity."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from generations.models import Generation, Visibility
from generations.queries.activity import activity
from generations.services.activity import comments
from generations.services.collections import collections
from generations.services.sharing.share_links import LinkTerms, create_link
from tests.factories import draw, order

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

    today = timezone.localdate().isoformat()
    assert f'<h2 class="activity-date" id="{today}"><time datetime="{today}">Today</time></h2>' in text
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


def test_entry_has_some_thumbnails_and_prompts_and_opens_to_the_rest(as_, bob, vera, team):
    noon = timezone.make_aware(datetime.fromisoformat("2026-03-02T12:00"))
    prompts = ["a gull", "a pier", "<b>fog</b>", "a lamp", "a lamp", "a boat", "a rope"]
    for minute, prompt in enumerate(prompts):
        order(bob, team, prompt=prompt, at=noon + timedelta(minutes=minute))
    Generation.objects.update(state="done", finished_at=timezone.now())
    secret = Generation.objects.get(prompt="a rope")
    hidden = Generation.objects.get(prompt="a boat")
    Generation.objects.filter(pk=secret.pk).update(visibility=Visibility.PRIVATE)
    Generation.objects.filter(pk=hidden.pk).update(hidden_at=timezone.now())

    told = as_(bob).get(ADDRESS)
    entry = told.context["days"][0].activities[0]
    assert (entry.count, len(entry.pictures), len(entry.rest)) == (7, 6, 1)
    assert [one.text for one in entry.prompts] == ["a rope", "a boat", "a lamp"]
    assert entry.prompts[0].url == f"/g/{secret.id}/"
    assert told.content.decode().count('<details class="activity-rest"') == 1

    told = as_(vera).get(ADDRESS)
    entry = told.context["days"][0].activities[0]
    assert (entry.count, len(entry.pictures), entry.rest) == (5, 5, [])
    assert [one.text for one in entry.prompts] == ["a lamp", "<b>fog</b>", "a pier"]
    text = told.content.decode()
    assert "&lt;b&gt;fog" in text
    assert '<details class="activity-rest"' not in text
    for row in (secret, hidden):
        assert str(row.id) not in text
        assert row.prompt not in text


def test_comments_of_an_hour_are_one_entry(as_, alice, vera, team, picture):
    for text in ("one", "two", "three", "four"):
        comments.write(actor=alice, generation=picture, text=text)
    said = [one for day in as_(vera).get(ADDRESS).context["days"] for one in day.activities if one.kind == "commented"]

    assert sum(entry.count for entry in said) == 4
    told = [one for entry in said for one in (*entry.comments, *entry.rest_of_comments)]
    assert [one.text for one in told] == ["four", "three", "two", "one"]
    assert {one.url for one in told} == {f"/g/{picture.id}/#comments"}


def test_strangers_find_no_page(as_, charlie, team, client):
    assert as_(charlie).get(ADDRESS).status_code == 404
    assert client.get(ADDRESS).status_code == 302


def test_older_acts_have_an_address(as_, alice, picture, busy, monkeypatch):
    monkeypatch.setattr(activity, "ROWS", 2)
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
