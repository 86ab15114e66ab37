"""A site of 0.1.0 whose names differ in case and accents only, brought to where such names are one."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from generations.models import CollectionItem, Generation, Tag, Tagging, Team, User, uuid7

# At each commit tests/deploy/test_upgrade.py takes a database of 0.1.0 through all migrations.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases, pytest.mark.nightly]
BEFORE, FILLS, AFTER = "0001_initial_release", "0003_fill_folded_columns", "0004_folded_names_once"


def migrate(name):
    """Bring the database to this migration; return its models."""
    executor = MigrationExecutor(connection)
    state = executor.migrate([("generations", name)])
    return state.apps


@pytest.fixture
def old():
    """Return the models of 0.1.0; afterwards the database is of this release, whatever the test did."""
    yield migrate(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def team(old):
    return old.get_model("generations", "Team").objects.create(name="Équipe", slug="equipe")


def create(old, model, /, **fields):
    return old.get_model("generations", model).objects.create(**fields)


def picture(old, team, prompt="a quiet harbour"):
    words = {"model": "hidream-l1-fast", "parameters": {}, "prompt": prompt, "width": 1024, "height": 1024}
    return create(old, "Generation", team=team, **words)


def tag(old, team, name, *pictures):
    made = create(old, "Tag", team=team, name=name)
    for one in pictures:
        create(old, "Tagging", tag=made, generation=one)
    return made


def test_tags_that_fold_the_same_are_one_and_every_picture_keeps_it(old, team):
    first, second, third = (picture(old, team) for _ in range(3))
    tag(old, team, "cafe", first, second)
    kept = tag(old, team, "café", first, second, third)
    tag(old, team, "cafe\u0301", third)
    tag(old, team, "straße", first)
    tag(old, team, "strasse", second)
    elsewhere = create(old, "Team", name="Other", slug="other")
    tag(old, elsewhere, "cafe", picture(old, elsewhere))

    migrate(AFTER)

    assert list(Tag.objects.order_by("pk").values_list("team", "name", "folded_name")) == [
        (team.pk, "café", "cafe"), (team.pk, "straße", "strasse"), (elsewhere.pk, "cafe", "cafe"),
    ]  # fmt: skip
    pictures = [row.pk for row in (first, second, third)]
    assert sorted(Tagging.objects.filter(tag=kept.pk).values_list("generation", flat=True)) == pictures
    assert (
        sorted(Tagging.objects.filter(tag__folded_name="strasse").values_list("generation", flat=True)) == pictures[:2]
    )


def test_collections_stay_apart_under_names_that_differ(old, team):
    names = ["Café", "Cafe", "CAFE\u0301", "Cafe (2)", "É" * 80, "E" * 80, "Other"]
    made = [create(old, "Collection", id=uuid7(), team=team, name=name) for name in names]
    row = picture(old, team)
    create(old, "CollectionItem", collection=made[1], generation=row)

    new = migrate(AFTER)

    rows = new.get_model("generations", "Collection").objects
    assert [rows.get(pk=one.pk).name for one in made] == [
        "Café", "Cafe (3)", "CAFE\u0301 (4)", "Cafe (2)", "É" * 80, "E" * 76 + " (2)", "Other",
    ]  # fmt: skip
    assert CollectionItem.objects.get(collection=made[1].pk).generation_id == row.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.create(id=uuid7(), team_id=team.pk, name="ÖTHER", folded_name="other")


def test_every_name_and_prompt_is_found_afterwards(old, team, monkeypatch):
    monkeypatch.setattr(f"generations.migrations.{FILLS}.BATCH_SIZE", 2)
    prompts = ["Ärzte im CAFÉ", "Москва", "東京タワー", "a harbour", ""]
    for prompt in prompts:
        picture(old, team, prompt)
    create(old, "User", email="jorg@example.test", password="x", name="Jörg Ærø")

    migrate(AFTER)

    assert list(Generation.objects.order_by("pk").values_list("folded_prompt", flat=True)) == [
        "arzte im cafe", "москва", "東京タワー", "a harbour", "",
    ]  # fmt: skip
    names = [model.objects.values_list("folded_name", flat=True).get() for model in (Team, User)]
    assert names == ["equipe", "jorg aero"]
