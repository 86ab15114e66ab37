"""Where what is new since the last visit ends: one mark, at the first card that was there before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation, Membership
from tests.factories import draw

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
URL = "/t/harbour/"


@pytest.fixture
def away(alice):
    """Alice was here a day ago."""
    Membership.objects.filter(user=alice).update(last_used_at=timezone.now() - timedelta(days=1))


def pictures(team, *authors_and_hours):
    return [draw(who, team, at=timezone.now() - timedelta(hours=hours)) for who, hours in authors_and_hours]


def marked(response):
    feed = response.context["feed"]
    return [card.id for card in feed.cards if card.ends_new]


def test_mark_is_at_the_newest_picture_of_the_visit_before(as_, alice, bob, team, emulator, away):
    _new, seen, _older = pictures(team, (bob, 1), (bob, 26), (bob, 50))
    client = as_(alice)

    assert marked(client.get(URL)) == [str(seen.id)]
    assert "New since your last visit" in client.get(URL).content.decode()  # it stays for this visit
    assert marked(client.get(f"{URL}?state=done")) == []


def test_own_pictures_are_nothing_new(as_, alice, team, emulator, away):
    pictures(team, (alice, 1), (alice, 26))

    assert marked(as_(alice).get(URL)) == []


def test_without_an_earlier_visit_or_without_older_pictures_there_is_no_mark(as_, alice, bob, team, emulator):
    pictures(team, (bob, 1), (bob, 26))
    assert marked(as_(alice).get(URL)) == []

    Membership.objects.filter(user=alice).update(last_used_at=timezone.now() - timedelta(days=9))
    assert marked(as_(alice).get(URL)) == []


def test_page_behind_own_new_pictures_asks_whether_others_have_some(as_, alice, bob, team, emulator, away):
    theirs, mine, seen = pictures(team, (bob, 1), (alice, 2), (bob, 26))
    client = as_(alice)
    assert marked(client.get(f"{URL}?before={mine.id}")) == [str(seen.id)]

    Generation.objects.filter(id=theirs.id).update(deleted_at=timezone.now())
    assert marked(client.get(f"{URL}?before={mine.id}")) == []
