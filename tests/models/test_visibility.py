"""Visibility: the query of all visible generations and the check of one generation agree."""

import pytest
from django.http import Http404
from django.utils import timezone

from generations.access import generation_or_404
from generations.models import Generation, Membership, Role, Team, Visibility
from tests.factories import make_person, make_team, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def cast(alice, bob, vera, charlie, team):
    mia, maria = make_person("Mia", team), make_person("Maria", team, Role.MANAGER)
    return {
        "alice": alice, "bob": bob, "vera": vera, "mia": mia, "maria": maria, "charlie": charlie,
        "nora": make_person("Nora"),
    }  # fmt: skip


@pytest.fixture
def rows(alice, bob, charlie, team):
    """One of every kind: own, a mate's, a private and a hidden one of his, a stranger's, deleted, purged."""
    made = {
        "hers": order(alice, team)[0],
        "his": order(bob, team)[0],
        "private": order(bob, team)[0],
        "foreign": order(charlie, charlie.teams.get())[0],
        "deleted": order(alice, team)[0],
        "purged": order(alice, team)[0],
        "hidden": order(bob, team)[0],
    }
    Generation.objects.filter(id=made["hidden"].id).update(hidden_at=timezone.now())
    Generation.objects.filter(id=made["private"].id).update(visibility=Visibility.PRIVATE)
    Generation.objects.filter(id=made["deleted"].id).update(deleted_at=timezone.now(), state="failed")
    Generation.objects.filter(id=made["purged"].id).update(deleted_at=timezone.now(), purged_at=timezone.now())
    return {name: Generation.objects.get(id=row.id) for name, row in made.items()}


def opens(person, row):
    """Whether the pages about one picture find it for this person."""
    try:
        return generation_or_404(person, row.id) == row
    except Http404:
        return False


SEEN = {"hers", "his", "deleted"}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("alice", SEEN | {"private", "hidden"}),
        ("maria", SEEN | {"private", "hidden"}),
        ("bob", SEEN | {"private", "hidden"}),
        ("mia", SEEN),
        ("vera", SEEN),
        ("charlie", {"foreign"}),
        ("nora", set()),
    ],
)
def test_both_faces_of_visibility_agree_for_everybody(cast, rows, name, seen):
    person = cast[name]
    listed = set(Generation.objects.visible_to(person))

    assert {kind for kind, row in rows.items() if row in listed} == seen
    assert {kind for kind, row in rows.items() if opens(person, row)} == seen


@pytest.mark.parametrize("role", Role.values)
def test_every_role_sees_the_teams_rows(rows, team, role):
    person = make_person("Emil", team, role)

    assert Generation.objects.visible_to(person).filter(id=rows["hers"].id).exists()


def test_person_of_two_teams_sees_each_row_once(alice, charlie, rows):
    Membership.objects.create(user=alice, team=charlie.teams.get(), role=Role.VIEWER)

    assert Generation.objects.visible_to(alice).count() == 6


def test_person_who_left_sees_nothing_any_more(bob, rows):
    Membership.objects.filter(user=bob).delete()

    assert not Generation.objects.visible_to(bob).exists()
    assert not opens(bob, rows["his"])


def test_teams_are_visible_to_their_members_only(alice, charlie, team):
    make_team("Third", "third")

    assert list(Team.objects.visible_to(alice)) == [team]
    assert list(Team.objects.visible_to(charlie)) == [charlie.teams.get()]


def test_trash_holds_deleted_rows_but_neither_purged_nor_cancelled_ones(rows, alice, team):
    (cancelled,) = order(alice, team)
    Generation.objects.filter(id=cancelled.id).update(state="cancelled", deleted_at=timezone.now())

    assert list(Generation.objects.in_trash()) == [rows["deleted"]]
