"""Tags: what counts as a word, and what becomes of two that mean the same."""

import pytest

from generations.errors import GalleryError
from generations.models import Generation, Tag, Tagging, Visibility
from generations.queries.gallery.tags import all_tags, find_tag, is_visible, suggestions, tags_of_generation
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
        ("Café, cafe, tea, CAFE\u0301", ["café", "tea"]), ("\ufe0f, \u200d, tea", ["tea"]), ("東京", ["東京"]),
        ("می\u200cکنم, میکنم", ["می\u200cکنم"]), ("👩\u200d👧", ["👩\u200d👧"]),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_words(typed, words):
    assert tags.words_of(typed) == words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter a tag"),
        (" , #,", "Enter a tag"),
        ("\ufe0f", "Enter a tag"),
        ("x" * 41, "the maximum is 40"),
        (",".join("abcdefghijk"), "You entered 11 tags"),
    ],
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
    with pytest.raises(GalleryError, match="a different tag"):
        tags.merge(tag=sea, into=sea)


def test_word_that_stands_on_private_pictures_of_others_only_is_not_suggested(alice, bob, team):
    mia = make_person("Mia", team)
    (row,) = order(bob, team)
    put("surprise", row, bob)
    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert [suggestions(team, who) for who in (bob, alice, mia)] == [["surprise"], ["surprise"], []]
    assert [(name, count) for _, name, count in all_tags(team, alice, 10)] == [("surprise", 1)]


def test_tag_that_folds_the_same_is_the_one_that_is_there(alice, team):
    first, second = order(alice, team, count=2)
    tag = put("cafe", first, alice)

    tags.add(actor=alice, team=team, words=tags.words_of("CAFÉ, Straße"), generations=[first, second])
    tags.add(actor=alice, team=team, words=["strasse"], generations=[second])

    assert [tags_of_generation(row) for row in (first, second)] == [["cafe", "straße"], ["cafe", "straße"]]
    assert (find_tag(team, "Cafe\u0301"), is_visible(team, alice, "CAFÉ")) == (tag, True)
    assert tags.remove(team=team, words=["café"], generations=[first, second]) == 2
    assert suggestions(team, alice) == ["straße"]


def test_tag_is_renamed_to_another_spelling_of_itself_and_to_no_other_tag(alice, team):
    (row,) = order(alice, team)
    cafe, bistro = put("cafe", row, alice), put("bistro", row, alice)

    with pytest.raises(GalleryError, match="The tag “cafe” already exists"):
        tags.rename(tag=bistro, name="Café")
    tags.rename(tag=cafe, name="Café")

    assert tags_of_generation(row) == ["bistro", "café"]
    assert find_tag(team, "cafe") == cafe
    tags.rename(tag=cafe, name="Tea")
    assert (find_tag(team, "cafe"), find_tag(team, "TEA")) == (None, cafe)


def test_tags_are_sorted_by_their_letters(alice, team):
    (row,) = order(alice, team)
    for word in ("zebra", "ärger", "apfel", "øl", "東京"):
        put(word, row, alice)

    assert suggestions(team, alice) == ["apfel", "ärger", "øl", "zebra", "東京"]
