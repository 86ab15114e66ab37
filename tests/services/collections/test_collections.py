"""Collections: made, named, filled, put in order; and whose eyes count in them."""

import pytest

from generations.errors import GalleryError
from generations.models import Collection, CollectionItem, Generation, Role, Visibility
from generations.queries.collections.collections import (
    all_generations,
    card,
    cards_page,
    collection_names,
    collections_of_generation,
    manual_order,
    manual_page,
)
from generations.queries.site.keyset import Cursor
from generations.services.collections import collections
from tests.factories import draw, make_person, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def menu(alice, team):
    return collections.create(actor=alice, team=team, name="Menu ideas")


def make_private(row):
    Generation.objects.filter(id=row.id).update(visibility=Visibility.PRIVATE)


def by_hand(collection):
    collections.change(collection=collection, name=collection.name, description="", order="hand", cost_centre="")
    collection.refresh_from_db()
    return collection


def test_name_is_one_per_team_whatever_its_case(menu, alice, team, charlie):
    with pytest.raises(GalleryError, match="A collection named “MENU ideas” already exists"):
        collections.create(actor=alice, team=team, name=" MENU  ideas ")

    assert collections.create(actor=charlie, team=charlie.teams.get(), name="Menu ideas") != menu
    assert collections.get_or_create(actor=alice, team=team, name="menu IDEAS") == menu
    assert collections.get_or_create(actor=alice, team=team, name=str(menu.pk)) == menu


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Enter a name for the collection"), (" \0 ", "a name"), ("x" * 81, "81")],
)
def test_name_that_is_none_is_refused(alice, team, name, sentence):
    with pytest.raises(GalleryError, match=sentence):
        collections.create(actor=alice, team=team, name=name)
    assert not Collection.objects.exists()


def test_collection_of_another_team_is_not_found_by_its_id(menu, charlie):
    assert collections.find(charlie.teams.get(), str(menu.pk)) is None


def test_picture_is_added_once_and_may_be_in_several(menu, alice, team):
    other = collections.create(actor=alice, team=team, name="Another")
    rows = order(alice, team, count=2)

    assert collections.add(actor=alice, collection=menu, generations=rows) == 2
    assert collections.add(actor=alice, collection=menu, generations=rows[:1]) == 0
    collections.add(actor=alice, collection=other, generations=rows[:1])

    assert collections_of_generation(rows[0]) == [other, menu]
    assert collection_names(team) == [(other.pk, "Another"), (menu.pk, "Menu ideas")]


def test_picture_that_is_taken_out_is_no_cover_any_more(menu, alice, team, emulator):
    first, second = draw(alice, team), draw(alice, team)
    collections.add(actor=alice, collection=menu, generations=[first, second])
    collections.set_cover(collection=menu, generation=first)
    assert card(menu, alice).cover == first

    assert collections.remove(collection=menu, generations=[first]) == 1

    assert card(menu, alice).cover == second
    assert Generation.objects.filter(id=first.id).exists()


def test_cover_has_to_be_inside(menu, alice, team, emulator):
    with pytest.raises(GalleryError, match="Only a picture in this collection"):
        collections.set_cover(collection=menu, generation=draw(alice, team))


def test_pictures_stay_when_a_collection_goes(menu, alice, team):
    rows = order(alice, team, count=2)
    collections.add(actor=alice, collection=menu, generations=rows)

    collections.delete(collection=menu)

    assert Generation.objects.count() == 2
    assert not CollectionItem.objects.exists()


def test_adding_to_what_was_deleted_meanwhile_says_so(menu, alice, team):
    Collection.objects.filter(pk=menu.pk).delete()

    with pytest.raises(GalleryError, match="has been deleted"):
        collections.add(actor=alice, collection=menu, generations=order(alice, team))


def test_order_by_hand_begins_as_it_was_and_new_ones_go_to_the_end(menu, alice, team):
    rows = order(alice, team, count=4)
    collections.add(actor=alice, collection=menu, generations=rows[:3])
    newest_first = [rows[2].id, rows[1].id, rows[0].id]
    assert all_generations(menu, alice) == newest_first

    by_hand(menu)
    collections.add(actor=alice, collection=menu, generations=rows[3:])

    assert all_generations(menu, alice) == [*newest_first, rows[3].id]


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("first", "bdace"), ("earlier", "bdace"), ("later", "acebd"), ("last", "acebd"),
    ],
)  # fmt: skip
def test_chosen_ones_are_moved_as_a_block(menu, alice, team, to, expected):
    rows = dict(zip("abcde", reversed(order(alice, team, count=5)), strict=True))
    collections.add(actor=alice, collection=menu, generations=list(rows.values()))
    by_hand(menu)

    collections.move(collection=menu, generations=[rows["b"], rows["d"]], to=to)

    assert manual_order(menu, alice) == [rows[one].id for one in expected]


@pytest.mark.parametrize(("to", "expected"), [("earlier", "acb"), ("later", "abc"), ("first", "cab")])
def test_one_is_moved_by_one_place(menu, alice, team, to, expected):
    rows = dict(zip("abc", reversed(order(alice, team, count=3)), strict=True))
    other = collections.create(actor=alice, team=team, name="With the same pictures")
    for one in (menu, other):
        collections.add(actor=alice, collection=one, generations=list(rows.values()))
        by_hand(one)

    collections.move(collection=menu, generations=[rows["c"]], to=to)

    assert manual_order(menu, alice) == [rows[one].id for one in expected]
    assert manual_order(other, alice) == [rows[one].id for one in "abc"]


def test_order_by_hand_is_refused_where_it_could_not_show_everything(menu, alice, team, monkeypatch):
    collections.add(actor=alice, collection=menu, generations=order(alice, team, count=4))
    monkeypatch.setattr(collections, "MAX_MANUAL_ORDER", 3)

    with pytest.raises(GalleryError, match="up to 3 pictures; this collection has 4"):
        by_hand(menu)

    menu.refresh_from_db()
    assert menu.order == "date"


def test_dates_are_not_moved_by_hand(menu, alice, team):
    with pytest.raises(GalleryError, match="Switch to manual order first"):
        collections.move(collection=menu, generations=order(alice, team), to="first")


def test_pages_by_hand_follow_each_other(menu, alice, team):
    rows = order(alice, team, count=5)
    collections.add(actor=alice, collection=menu, generations=rows)
    by_hand(menu)
    first = manual_page(menu, alice, None, 3)
    second = manual_page(menu, alice, first.older, 3)

    assert [row.id for row in first.rows + second.rows] == [row.id for row in reversed(rows)]
    assert second.older is None


def test_private_pictures_of_others_are_neither_counted_nor_shown(menu, alice, bob, team, emulator):
    mia, maria = make_person("Mia", team), make_person("Maria", team, Role.MANAGER)
    secret, seen = draw(bob, team), draw(bob, team)
    collections.add(actor=bob, collection=menu, generations=[secret, seen])
    collections.set_cover(collection=menu, generation=secret)
    make_private(secret)

    assert [(card(menu, who).count, card(menu, who).cover) for who in (bob, maria, mia)] == [
        (2, secret), (2, secret), (1, seen),
    ]  # fmt: skip
    make_private(seen)
    mias = card(menu, mia)
    assert (mias.count, mias.cover, mias.newest) == (0, None, None)
    assert all_generations(menu, mia) == manual_order(menu, mia) == []


@pytest.mark.parametrize("number", [1, 4])
def test_page_of_collections_costs_two_queries_however_many(alice, team, emulator, number, django_assert_num_queries):
    picture = draw(alice, team)
    path = picture.image.path
    for n in range(number):
        made = collections.create(actor=alice, team=team, name=f"Number {n}")
        collections.add(actor=alice, collection=made, generations=[picture])

    with django_assert_num_queries(2):
        _, cards = cards_page(team, alice, Cursor())
        assert [(one.count, one.cover.image.path) for one in cards] == [(1, path)] * number


def test_name_that_folds_the_same_is_taken_and_found(menu, alice, bob, team):
    cafe = collections.create(actor=alice, team=team, name="Café ")

    for name in ("cafe", "CAFÉ", "Cafe\u0301"):
        assert collections.find(team, name) == cafe
        assert collections.get_or_create(actor=alice, team=team, name=name) == cafe
        with pytest.raises(GalleryError, match="A collection named"):
            collections.create(actor=alice, team=team, name=name)
        with pytest.raises(GalleryError, match="A collection named"):
            collections.change(collection=menu, name=name, description="", order="date", cost_centre="")

    collections.change(collection=cafe, name="CAFE", description="", order="date", cost_centre="")
    assert collections.find(team, "café") == cafe
    collections.change(collection=cafe, name="Bar", description="", order="date", cost_centre="")
    assert (collections.find(team, "café"), collections.find(team, "BAR")) == (None, cafe)


def test_name_of_the_day_counts_names_that_fold_the_same(alice, team):
    first = collections.create_from_generations(actor=alice, team=team, generations=[])
    collections.change(collection=first, name=first.name.upper(), description="", order="date", cost_centre="")

    second = collections.create_from_generations(actor=alice, team=team, generations=[])

    assert second.name == f"{first.name}, 2"


def test_collections_are_sorted_by_their_letters(alice, team):
    for name in ("zoo", "Äpfel", "apfelbaum", "Über", "Tee"):
        collections.create(actor=alice, team=team, name=name)

    assert [name for _, name in collection_names(team)] == ["Äpfel", "apfelbaum", "Tee", "Über", "zoo"]


def test_name_of_nothing_visible_is_none(alice, team):
    with pytest.raises(GalleryError, match="Enter a name for the collection"):
        collections.create(actor=alice, team=team, name="\u200b\ufe0f")
