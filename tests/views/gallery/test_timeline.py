"""The timeline: a link to each month since the oldest picture, none where all pictures are of one month or filtered."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from generations.views.gallery import timeline
from tests.factories import order

pytestmark = pytest.mark.django_db
URL = "/t/harbour/"


def month(moment):
    return timezone.localdate(moment).isoformat()[:7]


def test_each_month_leads_to_its_newest_picture(client, alice, team):
    client.force_login(alice)
    now = timezone.now()
    oldest, older, newest = (order(alice, team, at=now - timedelta(days=days))[0] for days in (70, 35, 0))

    links = client.get(URL).context["timeline"]

    assert [one.iso for one in links] == sorted({one.iso for one in links}, reverse=True)
    assert (links[0].iso, links[-1].iso) == (month(now), month(now - timedelta(days=70)))
    assert len(links) in {3, 4}
    rows = [(month(row.created_at), str(row.id)) for row in (newest, older, oldest)]
    for link in links:
        first = client.get(link.url).context["feed"].cards[0]
        assert first.id == next(id_ for of, id_ in rows if of <= link.iso)


def test_one_month_or_a_filter_has_none(client, alice, team):
    client.force_login(alice)
    order(alice, team)
    assert list(client.get(URL).context["timeline"]) == []

    order(alice, team, at=timezone.now() - timedelta(days=70))
    assert list(client.get(URL).context["timeline"]) != []
    assert list(client.get(f"{URL}?person=me").context["timeline"]) == []


def test_long_history_has_as_many_links_as_fit():
    found = timeline._months(date(1999, 5, 31), date(2026, 3, 1))

    assert (len(found), found[0], found[-1]) == (323, date(2026, 3, 1), date(1999, 5, 1))
