"""Words and tags of a search are found in every script, on both databases, however they are written."""

# ruff: noqa: RUF001 — letters that look alike are what is tested.

import pytest

from generations.models import Generation
from generations.queries.gallery.gallery import GallerySearch, search_generations
from generations.services.gallery import tags
from tests.factories import order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def found(team, viewer, **search):
    return list(search_generations(team, GallerySearch(**search), viewer).order_by("-id"))


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Ärzte im Café", ["ärzte", "ARZTE", "Ärzte", "cafe", "CAFÉ", "cafe\u0301", "arzt cafe", "fé"]),
        ("un cafe\u0301 noir", ["café", "CAFE", "Cafe\u0301"]),
        ("Москва, ёлка", ["МОСКВА", "елка"]),
        ("Große Straße", ["GROSSE", "strasse", "STRAẞE"]),
        ("ＦＵＬＬ　ｗｉｄｔｈ", ["full", "Width"]),
        ("İstanbul, Łódź", ["istanbul", "ISTANBUL", "lodz"]),
        ("東京タワーの夜景", ["東京", "京タ", "タワー", "ﾀﾜｰ", "夜"]),
        ("ガラスの城", ["ガラス", "ガ", "城"]),
        ("น้ำตกในป่า", ["น้ำ", "ตก", "ป่า"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनि"]),
        ("שָׁלוֹם", ["שלום"]),
        ("50% off, a_b", ["50%", "A_B"]),
    ],
)
def test_words_are_found_however_they_are_written(alice, team, prompt, words):
    (row,) = order(alice, team, prompt=prompt)
    order(alice, team, prompt="something else")

    for word in words:
        assert found(team, alice, q=word) == [row]


@pytest.mark.parametrize(("prompt", "word"), [("かき氷", "が"), ("ガラス", "カラス"), ("ไม่", "ไม้"), ("a = b", "≠")])
def test_letters_that_live_by_their_marks_are_others(alice, team, prompt, word):
    order(alice, team, prompt=prompt)

    assert found(team, alice, q=word) == []


def test_tag_is_found_however_it_is_written(alice, team):
    (row,) = order(alice, team)
    tags.add(actor=alice, team=team, words=["café"], generations=[row])

    for word in ("cafe", "CAFÉ", "cafe\u0301"):
        assert found(team, alice, tag=word) == [row]
    assert found(team, alice, tag="caf") == []


def test_words_of_an_order_that_the_release_before_took_meanwhile_are_found(alice, team):
    """While a site is upgraded, processes of the release before write rows without a folded prompt."""
    (row,) = order(alice, team, prompt="A quiet harbour")
    Generation.objects.update(folded_prompt=None)

    assert found(team, alice, q="QUIET harb") == [row]
    assert found(team, alice, q="loud") == []
