"""One picture: all that is known about it, its neighbours, and what can be made of it."""

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from generations.models import Attempt, AttemptState, Favourite, Generation
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import fulfil
from generations.views.generations import metadata as facts_view
from generations.views.generations.metadata import AttemptRow
from tests.factories import draw, order

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(as_, alice):
    return as_(alice)


def item(client, row, query=""):
    return client.get(f"/g/{row.id}/{query}").context["item"]


def facts(client, row):
    return {fact.label: fact for fact in item(client, row).facts}


def test_page_shows_everything_about_the_picture(client, alice, team, emulator):
    picture = draw(alice, team, prompt="two boats", resolution="1360x768", speed_mode="juiced", seed="41")

    found = facts(client, picture)

    attempt = Attempt.objects.get()
    assert item(client, picture).card.author == "Alice"
    assert item(client, picture).made.startswith("today ")
    assert found["Cost"].value == f"${picture.cost:.4f} charged"
    assert (found["Size"].value, found["Speed"].value) == ("Wide 16:9 · 1360 × 768", "Fast")
    assert found["Seed"].value == found["Seed"].copy == "41"
    assert found["File"].value.startswith("WEBP · 170 × 96 · ")
    assert found["Request ID"].copy == attempt.request_id
    assert found["SHA-256"].copy == picture.image.sha256
    assert " s generating, " in found["Duration"].value
    assert "Attempts" not in found


def test_page_offers_what_can_be_made_of_the_picture(client, alice, team, emulator):
    picture = draw(alice, team, prompt="two boats")

    found = item(client, picture)
    assert found.full_prompt == "two boats"
    assert found.remix_url == f"/t/harbour/?remix={picture.id}"
    assert found.use_url == f"/t/harbour/?use={picture.id}"
    assert found.seed_url == f"/t/harbour/?seed_of={picture.id}"
    assert found.download_url == f"/g/{picture.id}/image?download"
    assert found.generated_label == "AI-generated with HiDream-I1 (Fast)."


def test_viewer_sees_the_picture_but_is_not_offered_to_make_another(as_, vera, alice, team, emulator):
    found = item(as_(vera), draw(alice, team))

    assert found.full_prompt
    assert (found.remix_url, found.use_url, found.card.may_edit) == ("", "", False)


def test_neighbours_follow_the_filter_of_the_address(client, alice, bob, team):
    rows = [order(person, team)[0] for person in (alice, bob, alice)]

    everything, filtered = item(client, rows[0]), item(client, rows[0], "?person=me")
    assert (everything.around.previous_url, everything.around.next_url) == (f"/g/{rows[1].id}/", "")
    assert filtered.around.previous_url == f"/g/{rows[2].id}/?person={alice.pk}"
    assert filtered.around.back_url.startswith(f"/t/harbour/?person={alice.pk}")
    assert filtered.around.back_url.endswith(f"#g-{rows[0].id}")
    assert item(client, rows[2]).around.next_url == f"/g/{rows[1].id}/"


def test_neighbours_pictures_are_named_for_reading_ahead(client, alice, team, emulator):
    older, middle = draw(alice, team), draw(alice, team)
    order(alice, team)

    found = item(client, middle)
    assert (found.around.previous_thumb, found.around.next_thumb) == ("", f"/g/{older.id}/thumb/1280.webp")


def test_picture_in_the_trash_can_be_restored_and_has_no_neighbours(client, alice, team, emulator):
    picture = draw(alice, team)
    order(alice, team)
    Generation.objects.filter(id=picture.id).update(deleted_at=timezone.now())

    found = item(client, picture)
    assert (found.card.phase, found.card.may_edit, found.around.previous_url) == ("trashed", True, "")


def test_cost_centre_is_a_fact_where_there_is_one(as_, alice, team):
    (bare,) = order(alice, team)
    team.cost_centre = "4711 Menus"
    (row,) = order(alice, team)
    client = as_(alice)

    assert facts(client, row)["Cost centre"].value == "4711 Menus"
    assert "Cost centre" not in facts(client, bare)


def test_waiting_words_of_others_are_hidden_with_all_their_facts(as_, alice, bob, team):
    (row,) = order(bob, team, prompt="a surprise")
    response = as_(alice).get(f"/g/{row.id}/")

    found = response.context["item"]
    assert b"a surprise" not in response.content
    assert (found.full_prompt, found.facts, found.use_url) == ("", [], "")
    assert item(as_(bob), row).full_prompt == "a surprise"


@pytest.mark.parametrize(
    ("state", "cost"), [("failed", "not charged"), ("unknown", "unknown"), ("done", "not charged")]
)
def test_cost_that_is_not_known_is_said_in_words(client, alice, team, state, cost):
    (row,) = order(alice, team)
    Generation.objects.update(state=state, finished_at=timezone.now())

    assert facts(client, row)["Cost"].value == cost


def test_estimated_cost_is_marked(client, alice, team, emulator):
    emulator.control.update({"cost_header": False})
    try:
        picture = draw(alice, team)
    finally:
        emulator.control.update({"cost_header": True})

    cost = facts(client, picture)["Cost"]
    assert cost.value == f"≈ ${picture.cost:.4f} estimated"
    assert cost.note == "The provider didn't report a price. We'll update this when it does."


def test_cost_that_the_provider_named_needs_no_note(client, alice, team, emulator):
    assert facts(client, draw(alice, team))["Cost"].note == ""


def test_several_attempts_are_listed_with_what_became_of_them(client, alice, team, emulator):
    picture = draw(alice, team)
    assert item(client, picture).attempts == []
    sent = timezone.localtime().replace(hour=14, minute=2, second=11)
    Attempt.objects.create(generation=picture, number=2, state="unknown", estimate=1, sent_at=sent)
    Attempt.objects.create(generation=picture, number=3, state="released", estimate=1)

    first, second, third = item(client, picture).attempts

    assert (first.n, first.state, first.cost) == (1, "picture stored", f"${picture.cost:.4f}")
    url = f"/t/harbour/attempts/{picture.id}"
    assert second == AttemptRow(2, f"{url}/2/", f"{date_format(sent)}, 14:02:11", "outcome unknown", "")
    assert third == AttemptRow(3, f"{url}/3/", "", "never sent", "")


def test_attempt_that_is_paid_and_brought_nothing_is_listed_as_such(client, alice, team, emulator):
    picture = draw(alice, team)
    fields = {"state": "unknown", "estimate": 1, "cost": 1, "sent_at": timezone.now()}
    for n, estimated in enumerate([False, True], start=2):
        Attempt.objects.create(generation=picture, number=n, cost_estimated=estimated, **fields)

    states = [one.state for one in item(client, picture).attempts]
    assert states == ["picture stored", "paid, not delivered", "outcome unknown"]


@pytest.mark.parametrize("state", AttemptState)
def test_every_state_of_an_attempt_has_words(state):
    assert facts_view.ATTEMPTS[state]


def test_picture_that_is_being_drawn_says_that_it_cannot_be_cancelled(client, alice, team):
    (row,) = order(alice, team)
    sentence = "Already sent to the provider, so it can't be cancelled. The picture will be kept."
    assert sentence not in client.get(f"/g/{row.id}/").content.decode()

    mark_sent(claim(row.id))

    html = client.get(f"/g/{row.id}/").content.decode()
    assert sentence in html
    assert "/cancel" not in html


def test_star_of_the_viewer_is_shown(as_, alice, bob, team, emulator):
    picture = draw(alice, team)
    Favourite.objects.create(user=alice, generation=picture)

    assert (item(as_(alice), picture).card.favourite, item(as_(bob), picture).card.favourite) == (True, False)


def test_picture_of_somebody_who_left_is_still_shown(client, bob, team, emulator):
    picture = draw(bob, team)
    former = f"Former member {bob.pk}"
    bob.delete()

    assert f'<b dir="auto">{former}</b>' in client.get(f"/g/{picture.id}/").content.decode()


def test_page_polls_while_its_picture_is_made(client, alice, team, emulator):
    (row,) = order(alice, team)

    assert client.get(f"/g/{row.id}/").context["poll_url"].startswith(f"/g/{row.id}/?seen=")
    assert client.get(f"/g/{draw(alice, team).id}/").context["poll_url"] == ""


def test_poll_of_the_page_is_answered_with_nothing_while_nothing_changes(client, alice, team, emulator):
    (row,) = order(alice, team)
    url = client.get(f"/g/{row.id}/?layout=grid").context["poll_url"]
    assert url.startswith(f"/g/{row.id}/?layout=grid&seen=")
    assert client.get(url, headers=HTMX).status_code == 204

    fulfil(row.id)

    response = client.get(url, headers=HTMX)
    assert (response.status_code, response.context["item"].card.phase) == (200, "done")


def test_page_asked_for_without_htmx_is_always_whole(client, alice, team):
    (row,) = order(alice, team)
    url = client.get(f"/g/{row.id}/").context["poll_url"]

    assert client.get(url).status_code == 200


def test_picture_of_a_model_that_is_gone_is_still_shown(client, alice, team, emulator):
    picture = draw(alice, team, prompt="two boats")
    Generation.objects.update(model="gone-model")

    found = item(client, picture)
    assert (found.full_prompt, found.generated_label) == ("two boats", "AI-generated with gone-model.")


def test_seed_zero_is_a_seed(client, alice, team):
    order(alice, team, seed="0")

    assert facts(client, Generation.objects.get())["Seed"].copy == "0"


@pytest.mark.parametrize(("state", "offered"), [("failed", True), ("unknown", True), ("cancelled", False)])
def test_what_ended_without_a_picture_can_be_deleted_unless_it_was_cancelled(client, alice, team, state, offered):
    (row,) = order(alice, team)
    Generation.objects.update(state=state, deleted_at=timezone.now() if state == "cancelled" else None)

    assert (f'formaction="/g/{row.id}/delete"' in client.get(f"/g/{row.id}/").content.decode()) == offered


def test_layout_and_filter_lead_to_the_neighbours_and_back(client, alice, team):
    older, newer = order(alice, team)[0], order(alice, team)[0]

    found = item(client, newer, "?state=queued&layout=list")
    assert found.around.next_url == f"/g/{older.id}/?state=queued&layout=list"
    assert found.around.back_url == f"/t/harbour/?state=queued&layout=list#g-{newer.id}"


def test_lightbox_gets_the_picture_and_its_neighbours_without_the_page_around_them(client, alice, team, emulator):
    older, newer = draw(alice, team), draw(alice, team)

    said = client.get(f"/g/{newer.id}/", headers={"HX-Request": "true", "HX-Target": "lightbox"}).content.decode()
    assert ('id="panel"' in said, f'href="/g/{older.id}/"' in said, "<html" in said) == (True, True, False)
    page = client.get(f"/g/{newer.id}/", headers={"HX-Request": "true", "HX-Target": "panel"}).content.decode()
    assert ('id="panel"' in page, "<html" in page) == (True, True)
