"""What can be done to one picture: with a page that reloads, and with htmx."""

import pytest
from django.contrib.messages import get_messages
from django.db.models.functions import Now

from generations.models import Favourite, Generation, State
from generations.pipeline.worker.claim import claim
from generations.pipeline.worker.fulfil import fulfil
from generations.services.generations.unknown_outcome import retry_accepting_second_charge
from generations.views.generations import actions
from tests.factories import draw, order

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def act(client, row, action, **options):
    return client.post(f"/g/{row.id}/{action}", options.pop("form", {}), **options)


def test_star_goes_on_and_off_and_back_to_the_picture(client, picture):
    response = act(client, picture, "favourite")

    assert (response.status_code, response["Location"]) == (302, f"/g/{picture.id}/")
    assert Favourite.objects.count() == 1
    act(client, picture, "favourite")
    assert Favourite.objects.count() == 0


def test_star_by_htmx_answers_with_the_card(client, picture):
    response = act(client, picture, "favourite", headers=HTMX)

    assert response.status_code == 200
    assert f'id="g-{picture.id}"' in response.content.decode()
    assert response.context["card"].favourite
    assert "<html" not in response.content.decode()


def test_deleted_picture_can_be_taken_back_from_the_message(client, picture):
    response = act(client, picture, "delete")

    (message,) = get_messages(response.wsgi_request)
    assert (response.status_code, response["Location"]) == (302, "/t/harbour/")
    assert (str(message), message.extra_tags) == ("Moved to trash.", f"/g/{picture.id}/restore")
    assert not Generation.objects.shown().exists()

    response = client.post(message.extra_tags)

    assert said(response)[-1:] == ["Restored."]
    assert Generation.objects.shown().get() == picture


def test_delete_and_restore_by_htmx_answer_with_the_card(client, picture):
    deleted = act(client, picture, "delete", headers=HTMX)
    restored = act(client, picture, "restore", headers=HTMX)

    assert (deleted.context["card"].phase, restored.context["card"].phase) == ("trashed", "done")
    assert said(deleted) == said(restored) == []


@pytest.mark.parametrize("action", ["favourite", "delete", "restore"])
def test_card_that_is_swapped_in_goes_on_following_the_filter(client, picture, action):
    form = {"next": "/t/harbour/?size=1024x1024&layout=list&before=x"}

    answer = act(client, picture, action, form=form, headers=HTMX)

    assert answer.context["card"].url == f"/g/{picture.id}/?size=1024x1024&layout=list"


def test_picture_that_is_being_made_stays_with_a_sentence(client, alice, team):
    (row,) = order(alice, team)

    response = act(client, row, "delete")

    assert said(response) == ["This picture is still in progress. You can move it to trash once it's finished."]
    assert Generation.objects.shown().get() == row


def test_second_delete_does_not_say_that_the_picture_is_being_made(client, picture):
    act(client, picture, "delete")

    response = act(client, picture, "delete")

    assert response.status_code == 302
    assert not [sentence for sentence in said(response) if "being made" in sentence]


def test_picture_that_is_not_in_the_trash_cannot_be_restored(client, picture):
    assert said(act(client, picture, "restore")) == ["This picture is no longer in the trash."]


def test_waiting_order_is_cancelled_free_of_charge(client, alice, team):
    (row,) = order(alice, team)

    response = act(client, row, "cancel")

    row.refresh_from_db()
    assert (row.state, said(response)) == (State.CANCELLED, ["Cancelled. Nothing was charged."])


def test_second_try_that_is_cancelled_leaves_what_is_known_of_the_first(client, alice, team, emulator):
    (row,) = order(alice, team)
    emulator.control.fault("drop")
    fulfil(row.id)
    first = row.attempts.get()
    assert retry_accepting_second_charge(actor=alice, generation=row, attempt_id=first.id)

    assert said(act(client, row, "cancel")) == [actions.SECOND_TRY]


@pytest.mark.parametrize("state", actions.TOO_LATE)
def test_cancelling_what_does_not_wait_any_more_says_how_it_stands(state, client, alice, team):
    """The page is older than what somebody else did."""
    (row,) = order(alice, team)
    Generation.objects.update(state=state, finished_at=Now())

    assert said(act(client, row, "cancel")) == [actions.TOO_LATE[state]]


def test_cancel_by_htmx_answers_with_the_cancelled_card(client, alice, team):
    (row,) = order(alice, team)

    assert act(client, row, "cancel", headers=HTMX).context["card"].phase == "cancelled"


def test_order_that_is_sent_cannot_be_cancelled_and_says_why(client, alice, team):
    (row,) = order(alice, team)
    claim(row.id)

    response = act(client, row, "cancel", headers=HTMX)

    row.refresh_from_db()
    assert row.state == State.RUNNING
    assert "Already sent to the provider" in response.content.decode()


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/t/harbour/?size=1360x768", "/t/harbour/?size=1360x768"),
        ("https://elsewhere.test/", "/t/harbour/"),
        ("//elsewhere.test/", "/t/harbour/"),
        ("/\\elsewhere.test/", "/t/harbour/"),
        ("javascript:alert(1)", "/t/harbour/"),
        ("", "/t/harbour/"),
    ],
)
def test_action_leads_back_to_where_it_stood_but_never_to_another_site(client, picture, target, location):
    assert act(client, picture, "delete", form={"next": target})["Location"] == location
