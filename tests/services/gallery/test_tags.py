"""Tags: what counts as a word, and what becomes of two that mean the same."""

import pytest

from generations.errors import GalleryError
from generations.models import Generation, Tag, Tagging, Visibility
from generations.queries.gallery.tags import all_tags, suggestions, tags_of_generation
from generations.services.gallery import tags
from tests.factories import make_person, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def put(word, row, actor):
    tags.add(actor=actor, team=row.team, words=[word], generations=[row])
    return Tag.objects.get(team=row.team, name=word)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Harbour", ["harbour"]), (" Open  Late , signs,", ["open late", "signs"]), ("#dusk, DUSK", ["dusk"]),
        ("a\tb\nc", ["a b c"]), ("Ärger", ["ärger"]), ("ﬁsh\0", ["ﬁsh"]), ("x" * 40, ["x" * 40]),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_words(typed, words):
    assert tags.words_of(typed) == words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Type a tag"), (" , #,", "Type a tag"), ("x" * 41, "at most 40"), (",".join("abcdefghijk"), "These are 11")],
)
def test_what_is_no_word_is_refused(typed, sentence):
    with pytest.raises(GalleryError, match=sentence):
        tags.words_of(typed)


def test_word_stands_on_a_picture_once(alice, team):
    rows = order(alice, team, count=2)
    for _ in range(2):
        tags.add(actor=alice, team=team, words=["sea", "dusk"], generations=rows)

    assert tags_of_generation(rows[0]) == ["dusk", "sea"]
    assert Tagging.objects.count() == 4


def test_word_that_stands_on_nothing_any_more_goes(alice, team):
    first, second = order(alice, team, count=2)
    tags.add(actor=alice, team=team, words=["sea"], generations=[first, second])

    tags.remove(team=team, words=["sea"], generations=[first])
    assert suggestions(team, alice) == ["sea"]

    tags.remove(team=team, words=["sea"], generations=[second])
    assert not Tag.objects.exists()


def test_word_is_renamed_unless_there_is_one(alice, team):
    (row,) = order(alice, team)
    sea, ocean = put("sea", row, alice), put("ocean", row, alice)

    with pytest.raises(GalleryError, match="merge them"):
        tags.rename(tag=sea, name="Ocean")
    tags.rename(tag=ocean, name=" The Ocean ")

    assert tags_of_generation(row) == ["sea", "the ocean"]


def test_merged_words_are_one_and_each_picture_carries_it_once(alice, team):
    first, second = order(alice, team, count=2)
    sea, ocean = put("sea", first, alice), put("ocean", first, alice)
    put("ocean", second, alice)

    tags.merge(tag=ocean, into=sea)

    assert [tags_of_generation(row) for row in (first, second)] == [["sea"], ["sea"]]
    with pytest.raises(GalleryError, match="another tag"):
        tags.merge(tag=sea, into=sea)


def test_word_that_stands_on_private_pictures_of_others_only_is_not_suggested(alice, bob, team):
    mia = make_person("Mia", team)
    (row,) = order(bob, team)
    put("surprise", row, bob)
    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert [suggestions(team, who) for who in (bob, alice, mia)] == [["surprise"], ["surprise"], []]
    assert [(name, count) for _, name, count in all_tags(team, alice, 10)] == [("surprise", 1)]
