"""Folded columns follow their sources, whichever way a row is written."""

import pytest

from generations.models import Collection, Generation, Tag, Team, User
from generations.models.folded import FoldedField
from generations.pipeline.recovery import trash
from generations.queries.teams.members import people_of
from generations.queries.teams.teams import teams_of
from generations.services.accounts import profile
from generations.services.teams import teams_and_users
from tests.factories import make_person, make_team, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def folded_columns(model):
    return [field.name for field in model._meta.concrete_fields if isinstance(field, FoldedField)]


@pytest.mark.parametrize(("model", "column"), [(Tag, "name"), (Collection, "name"), (Team, "name"), (User, "name")])
def test_name_has_its_folded_column(alice, team, model, column):
    assert folded_columns(model) == [f"folded_{column}"]
    row = {
        Tag: lambda: Tag(team=team, name="é"), Collection: lambda: Collection(team=team, name="É"),
        Team: lambda: Team(slug="e", name="É"), User: lambda: User(email="e@example.test", name="É"),
    }[model]()  # fmt: skip

    row.save()
    assert model.objects.get(pk=row.pk).folded_name == "e"
    model.objects.filter(pk=row.pk).update(name="ö")
    assert model.objects.get(pk=row.pk).folded_name == "o"
    row = model.objects.get(pk=row.pk)
    row.name = "ü"
    row.save()
    assert model.objects.get(pk=row.pk).folded_name == "u"


def test_prompt_of_an_order_is_folded_and_goes_with_it(alice, team):
    (row,) = order(alice, team, prompt="Ärzte")
    assert Generation.objects.get().folded_prompt == "arzte"

    Generation.objects.filter(pk=row.pk).update(
        deleted_at="2020-01-01T00:00Z", state="done", finished_at="2020-01-01T00:00Z"
    )
    assert trash.empty_trash() == 1

    assert Generation.objects.values("prompt", "folded_prompt").get() == {"prompt": "", "folded_prompt": ""}


def test_people_and_teams_are_sorted_by_their_letters(alice, team):
    for name in ("Zoe", "Émile", "eduard", "Ødegaard"):
        make_person(name, team)
    teams = [make_team(name, f"team-{number}") for number, name in enumerate(("Über", "Zoo", "apfel", "Äpfel"))]
    for one in teams:
        one.members.add(alice)

    assert [one.name for one in people_of(team)] == ["Alice", "eduard", "Émile", "Ødegaard", "Zoe"]
    assert [one.name for one in teams_of(alice)] == ["apfel", "Äpfel", "Harbour team", "Über", "Zoo"]


def test_new_names_of_a_person_and_a_team_are_folded(alice, team):
    profile.rename(user=alice, name="Zoë")
    teams_and_users.change_team(
        actor=alice, team=team, name="Équipe", default_visibility="team", cost_centre="", cost_centre_required=False
    )

    assert (User.objects.get().folded_name, Team.objects.get().folded_name) == ("zoe", "equipe")


def test_email_addresses_that_look_alike_are_two(db):
    """An address decides who signs in: folded it would let one person in as another."""
    first, second = (User.objects.create_user(email) for email in ("josé@example.test", "jose@example.test"))

    assert User.objects.get_by_natural_key("JOSÉ@example.test") == first
    assert User.objects.get_by_natural_key("Jose@example.test") == second


def test_prompts_that_fold_the_same_are_not_the_same_request(alice, team):
    """The provider draws another picture for other letters."""
    first, second = (order(alice, team, prompt=prompt, seed=7)[0] for prompt in ("a café", "a cafe"))

    assert first.fingerprint != second.fingerprint
