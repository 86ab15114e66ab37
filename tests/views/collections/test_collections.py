"""The pages of collections and tags, and the ways into a collection."""

import io
import zipfile

import pytest

from generations.models import Collection, Generation, Role, Tag, Visibility
from generations.services.collections import collections
from generations.services.gallery import tags
from tests.factories import draw, make_person, order

pytestmark = pytest.mark.django_db
URL = "/t/harbour/collections/"


@pytest.fixture
def menu(bob, team):
    return collections.create(actor=bob, team=team, name="Menu ideas", description="For Monday")


@pytest.fixture
def address(menu):
    return f"{URL}{menu.pk}/"


def shown(client, address):
    return [card.id for day in client.get(address).context["feed"].days for card in day.cards]


def test_empty_page_says_what_a_collection_is(as_, bob, vera, team):
    assert "Create one here, or select pictures in the gallery" in as_(bob).get(URL).content.decode()
    assert "New collection" not in as_(vera).get(URL).content.decode()


def test_made_on_its_page_and_opened(as_, bob, team):
    response = as_(bob).post(URL, {"name": "Menu ideas", "description": "For Monday"})

    made = Collection.objects.get()
    assert (made.author, made.description, response["Location"]) == (bob, "For Monday", f"{URL}{made.pk}/")


def test_name_that_is_taken_comes_back_with_its_text(as_, bob, menu):
    response = as_(bob).post(URL, {"name": "menu IDEAS", "description": "kept"})

    assert response.status_code == 422
    assert "A collection named" in response.content.decode()
    assert "kept" in response.content.decode()


def test_card_says_name_count_and_day(as_, alice, menu, team, emulator):
    collections.add(actor=alice, collection=menu, generations=[draw(alice, team), draw(alice, team)])

    (card,) = as_(alice).get(URL).context["cards"]
    assert (card.name, card.count, card.newest) == ("Menu ideas", "2 pictures", "Today")
    assert card.cover.src.endswith("/thumb/640.webp")


def test_page_of_a_collection_shows_its_pictures_as_the_gallery_does(as_, alice, vera, menu, address, team):
    rows = order(alice, team, count=3)
    collections.add(actor=alice, collection=menu, generations=rows[:2])

    html = as_(vera).get(address).content.decode()
    assert "For Monday" in html
    assert "Edit" not in html
    assert shown(as_(vera), address) == [str(rows[1].id), str(rows[0].id)]
    assert f"/g/{rows[1].id}/?collection={menu.pk}" in html
    assert [card.id for day in as_(vera).get(f"/t/harbour/?collection={menu.pk}").context["feed"].days
            for card in day.cards] == [str(rows[1].id), str(rows[0].id)]  # fmt: skip


@pytest.mark.parametrize("by_hand", [False, True])
def test_neighbours_of_a_picture_follow_the_order_of_the_collection(as_, alice, menu, address, team, by_hand):
    first, second, third = order(alice, team, count=3)[::-1]
    collections.add(actor=alice, collection=menu, generations=[first, second, third])
    collections.change(collection=menu, name="x", description="", order="hand" if by_hand else "date", cost_centre="")
    if by_hand:
        menu.refresh_from_db()
        collections.move(collection=menu, generations=[third], to="first")

    def around(row):
        item = as_(alice).get(f"/g/{row.id}/?collection={menu.pk}").context["item"]
        urls = (item.around.previous_url, item.around.next_url)
        return [url.split("/")[2] if url else "" for url in urls]

    one, two, three = [third, first, second] if by_hand else [first, second, third]
    assert [around(row) for row in (one, two, three)] == [
        ["", str(two.id)], [str(one.id), str(three.id)], [str(two.id), ""],
    ]  # fmt: skip
    back = as_(alice).get(f"/g/{two.id}/?collection={menu.pk}").context["item"].around.back_url
    assert back == f"{address}?before={one.id}#g-{two.id}"
    assert shown(as_(alice), back) == [str(two.id), str(three.id)]


@pytest.mark.parametrize("order_of", ["date", "hand"])
def test_pages_of_a_large_collection_follow_each_other(as_, alice, menu, address, team, order_of):
    rows = [row for _ in range(7) for row in order(alice, team, count=8)][::-1]
    collections.add(actor=alice, collection=menu, generations=rows)
    collections.change(collection=menu, name="x", description="", order=order_of, cost_centre="")
    client = as_(alice)
    feed = client.get(address).context["feed"]

    assert feed.older_url.startswith(f"{address}?before=")
    assert shown(client, address) + shown(client, feed.older_url) == [str(row.id) for row in rows]


def test_private_pictures_stay_out_for_who_may_not_see_them(as_, bob, menu, address, team):
    (secret,) = order(bob, team, prompt="a surprise")
    collections.add(actor=bob, collection=menu, generations=[secret])
    Generation.objects.update(visibility=Visibility.PRIVATE, state="failed")
    mia = as_(make_person("Mia", team))

    assert shown(as_(bob), address) == [str(secret.id)]
    assert shown(mia, address) == []
    assert b"surprise" not in mia.get(address).content
    assert mia.get(URL).context["cards"][0].count == "0 pictures"


def test_renamed_described_and_ordered(as_, bob, menu, address):
    as_(bob).post(f"{address}edit", {"name": "Menus", "description": "", "order": "hand"})

    menu.refresh_from_db()
    assert (menu.name, menu.description, menu.order) == ("Menus", "", "hand")


def test_member_deletes_their_own_only_and_manager_any(as_, bob, alice, menu, address, team):
    assert as_(make_person("Mia", team)).post(f"{address}delete").status_code == 403
    assert Collection.objects.exists()

    assert as_(alice).post(f"{address}delete")["Location"] == URL
    assert not Collection.objects.exists()


@pytest.mark.parametrize("path", ["edit", "cover", "delete"])
def test_roles_and_strangers(as_, vera, charlie, menu, address, path):
    assert as_(vera).post(f"{address}{path}").status_code == 403
    assert as_(charlie).post(f"{address}{path}").status_code == 404
    assert as_(vera).get(f"{address}{path}").status_code == 405
    assert as_(charlie).get(f"/t/charlies/collections/{menu.pk}/").status_code == 404
    assert as_(vera).post(URL, {"name": "x"}).status_code == 403


def test_cover_is_chosen(as_, bob, menu, address, team, emulator):
    first, second = draw(bob, team), draw(bob, team)
    collections.add(actor=bob, collection=menu, generations=[first, second])

    as_(bob).post(f"{address}cover", {"id": str(first.id)})
    menu.refresh_from_db()
    assert menu.cover == first

    as_(bob).post(f"{address}cover", {"id": [str(first.id), str(second.id)]})
    menu.refresh_from_db()
    assert menu.cover == first


def test_zip_of_a_collection(as_, vera, alice, menu, address, team, emulator):
    assert as_(vera).get(f"{address}zip")["Location"] == address
    collections.add(actor=alice, collection=menu, generations=[draw(alice, team)])

    with zipfile.ZipFile(io.BytesIO(as_(vera).get(f"{address}zip").getvalue())) as found:
        assert len(found.namelist()) == 3


def test_ordered_straight_into_a_collection_and_for_oneself(as_, bob, menu, team):
    values = {"prompt": "two boats", "count": "2", "collection": str(menu.pk), "visibility": "private"}
    as_(bob).post("/t/harbour/generations/", values)

    assert [row.visibility for row in Generation.objects.all()] == ["private"] * 2
    assert menu.items.count() == 2


def test_order_without_a_wish_follows_the_team(as_, bob, team):
    team.default_visibility = Visibility.PRIVATE
    team.save()

    as_(bob).post("/t/harbour/generations/", {"prompt": "two boats"})

    assert Generation.objects.get().visibility == "private"


@pytest.mark.parametrize("wish", [{"collection": "0197f3a0-0000-7000-8000-000000000000"}, {"visibility": "everybody"}])
def test_wish_that_makes_no_sense_orders_nothing(as_, bob, team, wish):
    response = as_(bob).post("/t/harbour/generations/", {"prompt": "two boats", **wish})

    assert response.status_code == 422
    assert "two boats" in response.content.decode()
    assert not Generation.objects.exists()


def test_collection_that_is_looked_at_is_chosen_in_the_composer(as_, bob, menu):
    html = as_(bob).get(f"/t/harbour/?collection={menu.pk}").content.decode()

    assert f'<option value="{menu.pk}" selected>' in html


def test_page_of_a_picture_shows_where_it_belongs(as_, bob, vera, menu, team):
    (row,) = order(bob, team)
    collections.add(actor=bob, collection=menu, generations=[row])
    tags.add(actor=bob, team=team, words=["sea"], generations=[row])

    html = as_(vera).get(f"/g/{row.id}/").content.decode()
    assert "Menu ideas" in html
    assert 'href="/t/harbour/?tag=sea"' in html
    assert "label-remove" not in html
    assert "label-remove" in as_(bob).get(f"/g/{row.id}/").content.decode()


def test_tags_are_kept_in_order_by_managers(as_, bob, charlie, team):
    maria = make_person("Maria", team, Role.MANAGER)
    rows = order(bob, team, count=2)
    tags.add(actor=bob, team=team, words=["sea", "ocean", "dsuk"], generations=rows)
    key = {tag.name: tag.pk for tag in Tag.objects.all()}
    client = as_(maria)

    assert "ocean" in client.get("/t/harbour/tags/").content.decode()
    client.post(f"/t/harbour/tags/{key['dsuk']}/rename", {"name": "Dusk"})
    client.post(f"/t/harbour/tags/{key['ocean']}/merge", {"into": "sea"})
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["dusk", "sea"]
    client.post(f"/t/harbour/tags/{key['sea']}/delete")
    assert list(Tag.objects.values_list("name", flat=True)) == ["dusk"]

    assert as_(bob).get("/t/harbour/tags/").status_code == 403
    for path in ("rename", "merge", "delete"):
        assert as_(bob).post(f"/t/harbour/tags/{key['dsuk']}/{path}").status_code == 403
        assert as_(charlie).post(f"/t/charlies/tags/{key['dsuk']}/{path}").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_a_collection_costs_the_same_for_one_and_three(
    as_, alice, menu, address, team, emulator, number, django_assert_num_queries
):
    collections.add(actor=alice, collection=menu, generations=[draw(alice, team) for _ in range(number)])
    client = as_(alice)

    # Session, user, collection with its team, role, cards, authors, team, day sums, count, notice, names, tags, teams,
    # role again, queue, money, the notice again.
    with django_assert_num_queries(18):
        client.get(address)


def test_cost_centre_is_set_in_the_form_and_told_beside_the_count(as_, bob, vera, menu, address):
    fields = {"name": "Menu ideas", "description": "For Monday", "order": "date"}

    as_(bob).post(f"{address}edit", {**fields, "cost_centre": "  4711 \u200b Menus "})

    menu.refresh_from_db()
    assert menu.cost_centre == "4711 Menus"
    assert "Cost centre: <bdi>4711 Menus</bdi>" in as_(vera).get(address).content.decode()

    as_(bob).post(f"{address}edit", fields)
    menu.refresh_from_db()
    assert menu.cost_centre == "4711 Menus"  # a page from before the upgrade has no such field

    as_(bob).post(f"{address}edit", {**fields, "cost_centre": ""})
    menu.refresh_from_db()
    assert menu.cost_centre == ""
    assert "Cost centre:" not in as_(vera).get(address).content.decode()


def test_unusable_cost_centre_changes_nothing_and_stays_in_the_form(as_, bob, menu, address):
    typed = {"name": "Other ideas", "description": "mine", "order": "date", "cost_centre": "***"}

    page = as_(bob).post(f"{address}edit", typed, follow=True).content.decode()

    menu.refresh_from_db()
    assert (menu.name, menu.cost_centre) == ("Menu ideas", "")
    assert "“***” contains no letters or digits. Enter a cost centre." in page
    assert all(f'value="{text}"' in page for text in ("Other ideas", "***"))
