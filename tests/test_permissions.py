"""Who may do what, role by role."""

import pytest

from generations.models import Role
from generations.permissions import TABLE, Verb, allows, may_edit, role_of
from tests.factories import order

MEMBER = {"view", "favourite", "create", "edit own", "organise", "share", "comment"}
MANAGER = MEMBER | {"edit any", "settle", "merge tags", "share any", "moderate", "review", "invite"}


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        (None, set()),
        (Role.VIEWER, {"view", "favourite"}),
        (Role.MEMBER, MEMBER),
        (Role.MANAGER, MANAGER),
        (Role.OWNER, MANAGER | {"limit", "own"}),
    ],
)
def test_role_allows_exactly_its_verbs(role, verbs):
    assert {verb for verb in Verb if allows(role, verb)} == verbs


def test_every_role_stands_in_the_table():
    assert set(TABLE) == set(Role.values)


@pytest.mark.django_db
def test_role_is_the_one_in_this_team(alice, vera, charlie, team):
    assert [role_of(person, team) for person in (alice, vera, charlie)] == ["owner", "viewer", None]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "own", "other"),
    [
        (None, False, False),
        (Role.VIEWER, False, False),
        (Role.MEMBER, True, False),
        (Role.MANAGER, True, True),
        (Role.OWNER, True, True),
    ],
)
def test_own_and_other_peoples_pictures_may_be_edited_by_role(alice, bob, team, role, own, other):
    (hers,) = order(alice, team)

    assert (may_edit(role, alice, hers), may_edit(role, bob, hers)) == (own, other)


@pytest.mark.django_db
def test_picture_of_somebody_who_left_belongs_to_nobody(alice, bob, team):
    (row,) = order(alice, team)
    row.author = None

    assert not may_edit(Role.MEMBER, bob, row)
    assert may_edit(Role.OWNER, bob, row)
