"""Owners choose what copies tell; nobody else does."""

import pytest

from generations.models import Role, Team
from tests.factories import make_person

pytestmark = pytest.mark.django_db
ADDRESS = "/t/harbour/settings/provenance/"


def chosen():
    return Team.objects.values_list("prompt_in_downloads", "prompt_in_shared_copies").get(slug="harbour")


@pytest.mark.parametrize("ticked", [(False, False), (True, False), (False, True), (True, True)])
def test_owner_chooses_each_of_the_two(as_, alice, ticked):
    names = [name for name, on in zip(["prompt_in_downloads", "prompt_in_shared_copies"], ticked, strict=True) if on]

    response = as_(alice).post(ADDRESS, dict.fromkeys(names, "on"), follow=True)

    assert chosen() == ticked
    assert response.content.decode().count(" checked") == sum(ticked)


def test_nothing_is_told_until_somebody_chooses(team):
    assert chosen() == (False, False)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MEMBER, Role.MANAGER])
@pytest.mark.parametrize("method", ["get", "post"])
def test_others_in_the_team_may_not(as_, team, role, method):
    client = as_(make_person("Somebody", team, role))

    assert getattr(client, method)(ADDRESS, {"prompt_in_downloads": "on"}).status_code == 403
    assert chosen() == (False, False)


@pytest.mark.parametrize("method", ["get", "post"])
def test_to_strangers_it_is_not_there(as_, charlie, team, method):
    assert getattr(as_(charlie), method)(ADDRESS, {"prompt_in_downloads": "on"}).status_code == 404
    assert chosen() == (False, False)


def test_looking_changes_nothing(as_, alice):
    assert as_(alice).get(ADDRESS, {"prompt_in_downloads": "on"}).status_code == 200
    assert chosen() == (False, False)


def test_only_owners_are_led_there(as_, alice, bob):
    pages = [as_(user).get("/t/harbour/verify/").content.decode() for user in (alice, bob)]

    assert [ADDRESS in page for page in pages] == [True, False]
