"""The activity of a team: two lists read as one, and nothing of what the viewer may not see."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Activity, Generation, Visibility
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
    rows = make(bob) + make(bob, count=2)
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


def test_private_and_deleted_pictures_are_not_told_until_they_are_back(alice, bob, vera, team, make):
    (row,) = make(bob)
    collect(bob, team, [row])
    comments.write(actor=alice, generation=row, text="fine")
    everything = told(team, vera)

    Generation.objects.update(visibility=Visibility.PRIVATE)
    assert told(team, vera) == []
    assert told(team, bob) == told(team, alice) == everything
    Generation.objects.update(visibility=Visibility.TEAM, deleted_at=timezone.now())
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


def test_pages_follow_without_gap_or_doublet(alice, bob, team, make, monkeypatch):
    monkeypatch.setattr(activity, "PAGE_SIZE", 3)
    rows = make(bob, count=4)
    for row in rows:
        comments.write(actor=alice, generation=row, text="fine")
    make(bob, count=2)

    seen, before = [], None
    for _ in range(9):
        groups, before = activity_page(team, alice, before)
        seen += [(group.kind, row.id) for group in groups for row in group.generations]
        if before is None:
            break

    made = list(Generation.objects.order_by("-id").values_list("id", flat=True))
    commented = list(Activity.objects.order_by("-id").values_list("generation", flat=True))
    assert [id_ for kind, id_ in seen if kind == "made"] == made
    assert [id_ for kind, id_ in seen if kind == "commented"] == commented


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
