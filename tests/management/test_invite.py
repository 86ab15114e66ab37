"""`manage.py create_team` and `manage.py invite`: how a team gets its first owner."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from generations.models import Membership, Team
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
DORA = "dora@example.test"


def test_team_is_made_and_its_owner_comes_by_the_printed_link(capsys, settings):
    settings.SITE_URL = "https://gallery.example"
    call_command("create_team", " Harbour  team ")
    assert "manage.py invite EMAIL --team harbour-team --role owner" in capsys.readouterr().out
    call_command("invite", DORA, "--team", "harbour-team", "--role", "owner")
    link = capsys.readouterr().out.strip()
    assert link.startswith("https://gallery.example/invitation/")

    Client().post("/" + link.split("/", 3)[3], {"name": "Dora", "password": PASSWORD})

    place = Membership.objects.get()
    assert (place.team.name, place.user.email, place.role) == ("Harbour team", DORA, "owner")


def test_second_team_of_a_name_gets_an_address_of_its_own(team):
    call_command("create_team", "Harbour")

    assert set(Team.objects.values_list("slug", flat=True)) == {"harbour", "harbour-2"}


@pytest.mark.parametrize("word", ["harbour", "Harbour team"])
def test_team_is_named_by_slug_or_name(team, capsys, word):
    call_command("invite", DORA, "--team", word)

    assert "/invitation/" in capsys.readouterr().out


def test_name_of_two_teams_is_refused_with_their_slugs(team):
    call_command("create_team", team.name)

    with pytest.raises(CommandError, match="2 teams are called 'Harbour team'; there are: harbour, harbour-team"):
        call_command("invite", DORA, "--team", team.name)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("invite", DORA, "--team", "nowhere"), "There is no team 'nowhere'; there are: harbour."),
        (("invite", "nobody", "--team", "harbour"), "Enter a valid email address."),
        (("invite", "bob@example.test", "--team", "harbour"), "bob@example.test is already in Harbour team."),
        (("invite", DORA, "--team", "harbour", "--role", "king"), "king"),
        (("create_team", " "), "The name has 0 characters; it takes 1 to 80."),
    ],
)
def test_what_cannot_be_is_refused(team, bob, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command(*arguments)
