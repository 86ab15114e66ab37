"""Actions on many pictures at once: all or nothing, and only with permission."""

import io
import uuid
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from generations.models import Collection, Favourite, Generation, Role, ShareLink, Tag, Visibility
from generations.queries.collections.collections import collections_of_generation
from generations.queries.gallery.tags import tags_of_generation as words_of
from generations.services.collections import collections
from generations.services.generations import actions
from generations.views.gallery.bulk_actions import EPOCH, MICROSECOND
from tests.factories import draw, make_person, order
from tests.sharing import share

pytestmark = pytest.mark.django_db
URL = "/t/harbour/selection/"
CARDS = {"path": f"{URL}?cards", "headers": {"HX-Request": "true"}}


@pytest.fixture
def rows(alice, bob, team):
    """Create one picture of Alice's and two of Bob's, all of them finished."""
    made = [order(person, team)[0] for person in (alice, bob, bob)]
    Generation.objects.update(state="failed")
    return made


@pytest.fixture
def mia(team):
    return make_person("Mia", team)


def do(client, action, rows, path=URL, **more):
    headers = more.pop("headers", {})
    return client.post(path, {"action": action, "id": [str(row.id) for row in rows], **more}, headers=headers)


def said(response, client):
    """Return the messages of the response, or of the page it redirects to."""
    page = client.get(response["Location"]) if response.status_code == 302 else response
    texts = page.content.decode().split('<span class="toast-text" dir="auto">')[1:]
    return [text.split("</span>")[0] for text in texts if not text.startswith("</span>")]


def test_added_to_a_collection_that_is_made_for_them(as_, bob, rows):
    client = as_(bob)
    response = do(client, "add", rows, collection="Menu ideas", next="/t/harbour/?q=sea")

    assert response["Location"] == "/t/harbour/?q=sea"
    assert said(response, client) == ["3 pictures added to “Menu ideas”."]
    assert Collection.objects.get().items.count() == 3


def test_tagged_and_collected_together_or_not_at_all(as_, bob, rows):
    client = as_(bob)
    do(client, "add", rows, collection="New", tag="x" * 41)
    assert not Collection.objects.exists()

    do(client, "add", rows, collection="New", tag="sea, Dusk")
    assert words_of(rows[2]) == ["dusk", "sea"]
    assert [one.name for one in collections_of_generation(rows[0])] == ["New"]

    do(client, "untag", rows, tag="sea")
    assert words_of(rows[2]) == ["dusk"]
    do(client, "uncollect", rows[:1], collection="new")
    assert collections_of_generation(rows[0]) == []


def test_favourites_are_each_persons_own_and_taken_back_when_all_are(as_, vera, alice, rows):
    Favourite.objects.create(user=alice, generation=rows[0])
    client = as_(vera)

    do(client, "favourite", rows[:2])
    do(client, "favourite", rows)
    assert Favourite.objects.filter(user=vera).count() == 3
    do(client, "favourite", rows)
    assert list(Favourite.objects.values_list("user", flat=True)) == [alice.pk]


def test_deleted_together_and_brought_back_by_one_undo(as_, alice, rows):
    client = as_(alice)
    html = client.get(do(client, "delete", rows)["Location"]).content.decode()
    assert "3 pictures moved to trash." in html
    assert Generation.objects.shown().count() == 0
    undo = html.split('action="/t/harbour/selection/?restore=')[1].split('"')[0]

    response = client.post(f"{URL}?restore={undo}")

    assert said(response, client) == ["3 pictures restored."]
    assert Generation.objects.shown().count() == 3


def test_undo_asks_the_same_for_one_and_three(as_, alice, rows):
    def undo(some):
        moment = actions.delete_all(generations=some)
        client = as_(alice)
        client.get("/t/harbour/")
        with CaptureQueriesContext(connection) as asked:
            client.post(f"{URL}?restore={(moment - EPOCH) // MICROSECOND}")
        return len(asked)

    assert undo(rows[:1]) == undo(rows)
    assert Generation.objects.shown().count() == 3


def test_undo_of_another_brings_back_nothing(as_, alice, mia, charlie, rows):
    client = as_(alice)
    html = client.get(do(client, "delete", rows)["Location"]).content.decode()
    undo = html.split('action="/t/harbour/selection/?restore=')[1].split('"')[0]

    assert as_(mia).post(f"{URL}?restore={undo}").status_code == 403
    assert as_(charlie).post(f"{URL}?restore={undo}").status_code == 404
    assert Generation.objects.in_trash().count() == 3


@pytest.mark.parametrize("nonsense", ["", "x", "9" * 40, "999999999999999999", "-1", "%00"])
def test_undo_of_nothing_says_so(as_, alice, team, nonsense):
    client = as_(alice)

    assert said(client.post(f"{URL}?restore={nonsense}"), client) == ["These pictures are no longer in the trash."]


def test_one_that_is_still_being_made_keeps_all(as_, alice, team, rows):
    client = as_(alice)
    (waiting,) = order(alice, team)

    (sentence,) = said(do(client, "delete", [*rows, waiting]), client)

    assert sentence.startswith("1 of these 4 pictures is still in progress")
    assert Generation.objects.shown().count() == 4


@pytest.mark.parametrize("action", ["delete", "private"])
def test_one_of_anothers_keeps_all_and_says_so(as_, bob, rows, action):
    response = do(as_(bob), action, rows)

    assert response.status_code == 403
    assert "1 of these 3 pictures isn&#x27;t yours" in response.content.decode()
    assert Generation.objects.shown().filter(visibility=Visibility.TEAM).count() == 3


@pytest.mark.parametrize("action", ["add", "untag", "uncollect", "delete", "private", "team", "share"])
def test_viewer_may_not_change_anything(as_, vera, rows, action):
    assert do(as_(vera), action, rows, tag="sea", collection="x").status_code == 403
    assert not Tag.objects.exists()
    assert not Collection.objects.exists()


def test_private_one_of_another_is_not_there(as_, mia, bob, rows):
    Generation.objects.filter(id=rows[2].id).update(visibility=Visibility.PRIVATE)
    response = do(as_(mia), "favourite", rows)

    assert response.status_code == 404
    assert "1 of the 3 pictures no longer exists." in response.content.decode()
    assert not Favourite.objects.exists()


def test_stranger_finds_nothing(as_, charlie, rows):
    assert do(as_(charlie), "favourite", rows).status_code == 404
    assert do(as_(charlie), "favourite", rows, path="/t/charlies/selection/").status_code == 404


def test_manager_makes_private_what_others_made(as_, team, rows):
    maria = make_person("Maria", team, Role.MANAGER)

    do(as_(maria), "private", rows)
    assert set(Generation.objects.values_list("visibility", flat=True)) == {"private"}
    do(as_(maria), "team", rows)
    assert set(Generation.objects.values_list("visibility", flat=True)) == {"team"}


def test_hidden_ones_are_left_out_when_others_are_shown(as_, bob, rows):
    mine = rows[1:]
    Generation.objects.update(visibility=Visibility.PRIVATE)
    Generation.objects.filter(id=mine[0].id).update(hidden_at=timezone.now())
    client = as_(bob)

    assert said(do(client, "team", mine), client) == [
        "1 picture is now visible to the whole team.",
        "1 picture stays as it is: a manager hid it after a report.",
    ]
    assert Generation.objects.get(id=mine[0].id).visibility == Visibility.PRIVATE


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("", "Choose an action"), ("explode", "Choose an action"), ("add", "Enter a collection or a tag"),
        ("uncollect", "That collection no longer"), ("untag", "Enter a tag"), ("first", "That collection no longer"),
        ("zip", "None of the selected pictures has a file"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(as_, alice, rows, action, sentence):
    client = as_(alice)

    assert said(do(client, action, rows), client)[0].startswith(sentence)


def test_nothing_and_too_many_are_said(as_, alice, team):
    client = as_(alice)
    assert said(do(client, "favourite", []), client) == ["Select at least one picture."]
    response = client.post(URL, {"action": "favourite", "id": [str(uuid.uuid4()) for _ in range(501)]})

    assert said(response, client) == ["You selected 501 pictures; the maximum is 500. Nothing was changed."]


@pytest.mark.parametrize("junk", ["x", "", "1", "' OR 1=1"])
def test_id_that_is_none_is_not_there(as_, alice, rows, junk):
    response = as_(alice).post(URL, {"action": "favourite", "id": [str(rows[0].id), junk]})

    assert response.status_code == 404
    assert not Favourite.objects.exists()


def test_zip_of_chosen_pictures(as_, vera, alice, team, emulator):
    pictures = [draw(alice, team) for _ in range(2)]

    response = do(as_(vera), "zip", pictures)

    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="Harbour team ')
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as found:
        assert len(found.namelist()) == 4


def test_htmx_gets_the_changed_cards_and_what_there_is_to_say(as_, alice, rows):
    response = do(as_(alice), "private", rows, next="/t/harbour/?q=harbour", **CARDS)
    html = response.content.decode()

    assert html.count("card-lock") == 3
    assert f'href="/g/{rows[0].id}/?q=harbour"' in html
    assert said(response, None) == ["3 pictures are now private: only their creators and managers can see them."]


def test_htmx_hears_of_a_refusal_too(as_, bob, rows):
    response = do(as_(bob), "delete", rows, **CARDS)

    assert response.status_code == 422
    assert said(response, None)[0].startswith("1 of these 3 pictures isn&#x27;t yours")


def test_arranged_by_hand_on_the_page_of_the_collection(as_, bob, team, rows):
    menu = collections.create(actor=bob, team=team, name="Menu")
    collections.add(actor=bob, collection=menu, generations=rows)
    collections.change(collection=menu, name="Menu", description="", order="hand", cost_centre="")
    page = f"/t/harbour/collections/{menu.pk}/"

    client = as_(bob)
    do(client, "first", rows[:1], **{"from": str(menu.pk)})

    (day,) = client.get(page).context["feed"].days
    assert [card.id for card in day.cards] == [str(rows[number].id) for number in (0, 2, 1)]


@pytest.fixture
def finished(alice, bob, team, emulator):
    return [draw(person, team) for person in (alice, bob, bob)]


def test_share_makes_a_collection_of_them_and_opens_its_share_page(as_, bob, finished):
    client = as_(bob)
    response = do(client, "share", finished, share_name="For the printer")

    made = Collection.objects.get()
    assert (made.name, made.items.count(), made.author) == ("For the printer", 3, bob)
    assert response["Location"] == f"/t/harbour/collections/{made.pk}/share"
    assert not ShareLink.objects.exists()
    assert "3 pictures added to the new collection “For the printer”." in said(response, client)[0]


def test_share_proposes_the_name_and_never_adds_to_an_old_collection(as_, bob, team, finished):
    client = as_(bob)
    for _ in range(3):
        do(client, "share", finished)
    do(client, "share", finished, share_name="Menu")
    today = date_format(timezone.localdate(), "j M Y")

    names = [f"Pictures from {today}", f"Pictures from {today}, 2", f"Pictures from {today}, 3", "Menu"]
    assert list(Collection.objects.order_by("id").values_list("name", flat=True)) == names
    assert (
        "A collection named “menu” already exists" in said(do(client, "share", finished, share_name="menu"), client)[-1]
    )
    assert Collection.objects.count() == 4


def test_one_picture_is_shared_by_itself(as_, bob, finished):
    response = do(as_(bob), "share", finished[:1])

    assert response["Location"] == f"/g/{finished[0].id}/share"
    assert not Collection.objects.exists()


def test_htmx_is_led_to_the_share_page(as_, bob, finished):
    response = do(as_(bob), "share", finished, **CARDS)

    assert (response.status_code, response["HX-Redirect"]) == (
        200, f"/t/harbour/collections/{Collection.objects.get().pk}/share"
    )  # fmt: skip


def test_enter_in_the_field_of_the_name_shares(as_, bob, finished):
    client = as_(bob)
    do(client, "enter", finished, share_name="Menu")
    do(client, "enter", finished, collection="Other", tag="sea")

    assert set(Collection.objects.values_list("name", flat=True)) == {"Menu", "Other"}
    assert said(do(client, "enter", finished), client)[-1] == "Enter a collection or a tag."


def test_share_is_for_members_and_for_what_is_finished(as_, vera, bob, charlie, team, finished):
    (waiting,) = order(bob, team)
    client = as_(bob)

    assert do(as_(vera), "share", finished).status_code == 403
    assert do(as_(charlie), "share", finished).status_code == 404
    assert said(do(client, "share", [*finished, waiting]), client)[0].startswith("Only finished pictures")
    assert not Collection.objects.exists()


def test_made_private_says_when_a_link_still_shows_it(as_, alice, bob, team, finished):
    bobs = [row for row in finished if row.author_id == bob.pk]
    share(alice, bobs[0])
    client = as_(bob)

    told = said(do(client, "private", bobs), client)

    assert told[1:] == ["1 picture is still public through a share link."]


def test_private_ones_of_others_cannot_be_shared_and_ones_own_are_named(as_, alice, bob, mia, finished):
    Generation.objects.filter(author=bob).update(visibility=Visibility.PRIVATE)

    assert do(as_(mia), "share", finished).status_code == 404
    assert not Collection.objects.exists()

    client = as_(bob)
    html = client.get(do(client, "share", finished)["Location"]).content.decode()
    assert "2 pictures in it are private. You can see them, so your link shows them too." in html

    of_mia = as_(mia).get(f"/t/harbour/collections/{Collection.objects.get().pk}/share").content.decode()
    assert "private" not in of_mia.split('id="panel"')[1].split("</header>")[0]
