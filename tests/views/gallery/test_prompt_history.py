"""The user's own prompts: newest first, each once, with words looked for, and nobody else's."""

import json

import pytest

from generations.models import Generation
from generations.queries.gallery import prompt_history as queries
from tests.factories import draw, order

pytestmark = pytest.mark.django_db
PAGE = "/t/harbour/prompts/"


def texts(client, **query):
    return [one.text for one in client.get(PAGE, query).context["prompts"]]


def test_prompts_stand_there_newest_first_and_once(as_, bob, team):
    for words in ("two boats", "a lighthouse", "two boats"):
        order(bob, team, prompt=words)

    rows = as_(bob).get(PAGE).context["prompts"]

    assert [one.text for one in rows] == ["two boats", "a lighthouse"]
    assert rows[0].facts == "Today · 1:1 · 2 pictures"
    assert rows[1].facts == "Today · 1:1"


def test_words_are_looked_for_folded(as_, bob, team):
    order(bob, team, prompt="Ein Schiff in der Straße")
    order(bob, team, prompt="a lighthouse")

    assert texts(as_(bob), q="STRASSE schiff") == ["Ein Schiff in der Straße"]
    assert texts(as_(bob), q="nothing") == []


def test_list_is_of_one_person_and_has_nothing_deleted(as_, alice, bob, team):
    order(bob, team, prompt="two boats")
    (row,) = order(alice, team, prompt="deleted since")
    Generation.objects.filter(id=row.id).update(deleted_at="2026-01-01T00:00Z")

    assert texts(as_(alice)) == []


def test_row_fills_the_form_as_its_link_does(as_, alice, team, emulator):
    row = draw(alice, team, prompt="two boats", resolution="1360x768")

    (one,) = as_(alice).get(PAGE).context["prompts"]

    values = json.loads(one.values)
    assert (values["prompt"], values["resolution"]) == ("two boats", row.parameters["resolution"])
    assert "seed" not in values
    assert one.url == f"/t/harbour/?remix={row.id}"
    assert one.src == f"/g/{row.id}/thumb/320.webp"


def test_composer_gets_the_rows_alone(as_, bob, team):
    order(bob, team, prompt="two boats")

    html = as_(bob).get(PAGE, headers={"HX-Request": "true"}).content.decode()

    assert "two boats" in html
    assert "<html" not in html


def test_list_ends_and_looks_at_so_many_pictures_only(as_, bob, team, monkeypatch):
    monkeypatch.setattr(queries, "LOOKED_AT", 3)
    monkeypatch.setattr(queries, "MAX_PROMPTS", 2)
    for number in range(5):
        order(bob, team, prompt=f"boat {number}")

    assert texts(as_(bob)) == ["boat 4", "boat 3"]
    assert texts(as_(bob), q="boat 0") == []
