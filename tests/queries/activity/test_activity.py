"""The activity of a team: two lists read as one, and nothing of what the viewer may not see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from generations.models import Activity, Comment, Generation, Visibility, uuid7_at
from generations.queries.activity import activity
from generations.queries.activity.activity import activity_page
from generations.services.activity import comments
from generations.services.collections import collections
from generations.services.sharing.share_links import LinkTerms, create_link
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def make(team):
    def make(actor, count=1, ago=0):
        rows = order(actor, team, count=count, at=timezone.now() - timedelta(days=ago) if ago else None)
        Generation.objects.filter(state="queued").update(state="done", finished_at=timezone.now())
        return list(Generation.objects.select_related("team").filter(id__in=[row.id for row in rows]))

    return make


def told(team, viewer):
    return [(group.kind, group.actor.name, len(group.generations)) for group in activity_page(team, viewer, None)[0]]


def collect(actor, team, rows):
    collections.add(
        actor=actor, collection=collections.get_or_create(actor=actor, team=team, name="Signs"), generations=rows
    )


def test_everything_done_is_told_newest_first_and_grouped(alice, bob, vera, team, make):
    make(bob, ago=1)
    rows = make(bob, count=3)
    collect(alice, team, rows)
    comments.write(actor=alice, generation=rows[0], text="fine")
    create_link(actor=bob, thing=rows[0], terms=LinkTerms(timezone.now() + timedelta(days=1)))
    create_link(
        actor=alice, thing=collections.get_or_create(actor=alice, team=team, name="Signs"), terms=LinkTerms(None)
    )

    assert told(team, vera) == [
        ("shared", "Alice", 0), ("shared", "Bob", 1), ("commented", "Alice", 1), ("collected", "Alice", 3),
        ("made", "Bob", 3), ("made", "Bob", 1),
    ]  # fmt: skip


def test_private_hidden_and_deleted_pictures_are_not_told_until_they_are_back(alice, bob, vera, team, make):
    (row,) = make(bob)
    collect(bob, team, [row])
    comments.write(actor=alice, generation=row, text="fine")
    everything = told(team, vera)

    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert told(team, vera) == []
    assert told(team, bob) == told(team, alice) == everything
    Generation.objects.update(visibility=Visibility.TEAM, hidden_at=timezone.now())
    assert told(team, vera) == []
    assert told(team, bob) == told(team, alice) == everything
    Generation.objects.update(hidden_at=None)
    Generation.objects.update(deleted_at=timezone.now())
    assert told(team, vera) == told(team, bob) == []
    Generation.objects.update(deleted_at=None)
    assert told(team, vera) == everything


def test_waiting_picture_is_not_told(bob, vera, team):
    (row,) = order(bob, team)
    collect(bob, team, [row])

    assert told(team, vera) == []


def test_other_teams_are_strangers(bob, charlie, team, make):
    make(bob)

    assert told(charlie.teams.get(), charlie) == told(charlie.teams.get(), bob) == []
    assert told(team, charlie) == []


def at(text):
    """Return a moment of a day that is over, on the clock of the site."""
    return timezone.make_aware(datetime.fromisoformat(f"2026-03-02T{text}"))


@pytest.fixture
def made_at(team):
    def made_at(actor, *moments):
        rows = [order(actor, team, at=at(moment))[0] for moment in moments]
        Generation.objects.filter(state="queued").update(state="done", finished_at=timezone.now())
        return rows

    return made_at


def act(actor, row, moment, kind="commented"):
    """Record it as the services do, at a moment that is over."""
    said = Comment.objects.create(generation=row, author=actor, text=f"at {moment}") if kind == "commented" else None
    return Activity.objects.create(
        id=uuid7_at(at(moment)), team=row.team, actor=actor, kind=kind, generation=row, comment=said
    )


def test_hour_of_one_user_is_one_entry_whatever_others_did_in_between(alice, bob, vera, team, made_at):
    made_at(bob, "09:59")
    made_at(alice, "10:20")
    first, *_ = made_at(bob, "10:00", "10:10", "10:30", "10:59:59")
    act(alice, first, "10:15")
    act(alice, first, "10:40")
    act(alice, first, "10:50", "shared")

    assert told(team, vera) == [
        ("made", "Bob", 4), ("shared", "Alice", 1), ("commented", "Alice", 1), ("made", "Alice", 1), ("made", "Bob", 1),
    ]  # fmt: skip
    (comments_,) = [group.comments for group in activity_page(team, vera, None)[0] if group.kind == "commented"]
    assert [one.text for one in comments_] == ["at 10:40", "at 10:15"]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "UTC"])
def test_hour_is_the_one_on_the_clock_of_the_site(bob, vera, team, made_at, zone):
    with timezone.override(zone):
        made_at(bob, "10:00", "10:59", "11:00")

        assert told(team, vera) == [("made", "Bob", 1), ("made", "Bob", 2)]


def test_hour_that_comes_twice_is_two_entries(bob, vera, team):
    with timezone.override("Europe/Berlin"):
        for moment in (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), datetime(2025, 10, 26, 1, 30, tzinfo=UTC)):
            order(bob, team, at=moment)
        Generation.objects.update(state="done", finished_at=timezone.now())

        assert told(team, vera) == [("made", "Bob", 1), ("made", "Bob", 1)]


def read(team, viewer):
    """Return the pages, each as its entries."""
    pages, before = [], None
    for _ in range(20):
        groups, before = activity_page(team, viewer, before)
        pages.append(groups)
        if before is None:
            return pages
    raise AssertionError(before)


@pytest.mark.parametrize(("entries", "rows"), [(2, 200), (1, 200), (40, 5), (40, 4), (2, 5), (1, 1)])
def test_no_page_loses_or_doubles_an_entry(alice, bob, team, made_at, monkeypatch, entries, rows):
    made = made_at(bob, "08:10", "09:10", "09:20", "11:10", "11:20") + made_at(alice, "09:15", "12:00")
    for moment in ("08:30", "09:12", "09:40"):
        act(bob, made[0], moment)
    whole = [group for groups in read(team, alice) for group in groups]
    monkeypatch.setattr(activity, "PAGE_SIZE", entries)
    monkeypatch.setattr(activity, "ROWS", rows)

    groups = [group for page in read(team, alice) for group in page]

    seen = [row.id for group in groups if group.kind == "made" for row in group.generations]
    assert sorted(seen) == sorted(row.id for row in made)
    assert sorted(one.text for group in groups for one in group.comments) == ["at 08:30", "at 09:12", "at 09:40"]
    if rows > 4:  # No hour has more, so none is cut.
        assert groups == whole
        assert not any(group.continued for group in groups)


def test_hour_longer_than_a_page_goes_on_and_says_so(bob, team, made_at, monkeypatch):
    monkeypatch.setattr(activity, "ROWS", 2)
    made_at(bob, "09:00", "10:01", "10:02", "10:03", "10:04", "10:05")

    assert [[(len(group.generations), group.continued) for group in page] for page in read(team, bob)] == [
        [(2, False)], [(2, True)], [(1, True), (1, False)],
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(alice, bob, team, make, number, django_assert_num_queries):
    for row in make(bob, count=number):
        comments.write(actor=alice, generation=row, text="fine")
        collect(alice, team, [row])
    create_link(
        actor=alice, thing=collections.get_or_create(actor=alice, team=team, name="Signs"), terms=LinkTerms(None)
    )

    with django_assert_num_queries(8):  # pictures, authors; rows, actors, collections, comments, pictures, images
        activity_page(team, bob, None)
