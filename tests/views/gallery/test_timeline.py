"""The timeline: a link to each month since the oldest picture, none where all pictures are of one month or filtered."""

from datetime import UTC, date, datetime

import pytest

from generations.views.gallery import timeline
from tests.factories import draw

pytestmark = pytest.mark.django_db
URL = "/t/harbour/"


def months(client, query=""):
    return client.get(URL + query).context["timeline"]


def test_each_month_leads_to_its_newest_picture(client, alice, team, monkeypatch):
    client.force_login(alice)
    moments = [
        datetime(2025, 12, 31, 12, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 3, 2, tzinfo=UTC),
    ]
    oldest, older, newest = (draw(alice, team, at=at) for at in moments)
    monkeypatch.setattr(timeline.timezone, "localdate", lambda: date(2026, 3, 2))

    links = months(client)

    assert [one.iso for one in links] == ["2026-03", "2026-02", "2026-01", "2025-12"]
    assert [one.year for one in links] == ["2026", "", "", "2025"]
    for link, first in zip(links, [newest, older, oldest, oldest], strict=True):
        page = client.get(link.url).context["feed"]
        assert page.cards[0].id == str(first.id)


def test_one_month_or_a_filter_has_none(client, alice, team):
    client.force_login(alice)
    draw(alice, team)

    assert list(months(client)) == []
    assert list(months(client, "?person=me")) == []


def test_long_history_has_as_many_links_as_fit():
    found = timeline._months(date(1999, 5, 31), date(2026, 3, 1))

    assert (len(found), found[0], found[-1]) == (323, date(2026, 3, 1), date(1999, 5, 1))
