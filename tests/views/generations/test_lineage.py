"""Where a picture comes from and what was made from it: recorded when it is ordered, shown as far as one may see."""

import uuid

import pytest

from generations.models import ApprovalRequest, Generation, State, Team, Visibility
from generations.services.orders import approvals
from tests.factories import draw, order

pytestmark = pytest.mark.django_db


def lineage(client, row):
    return client.get(f"/g/{row.id}/").context["item"].lineage


def remix(source, by, **fields):
    """Return a finished picture that was made from another one."""
    row = draw(by, source.team, prompt=fields.pop("prompt", "a remix"))
    Generation.objects.filter(id=row.id).update(remix_of=source, **fields)
    return row


def send(client, source_id, **more):
    words = {"prompt": "a remix", "client_key": str(uuid.uuid4()), "x-remix-of": str(source_id)}
    assert client.post("/t/harbour/generations/", {**words, **more}).status_code == 302
    return Generation.objects.order_by("-id")[0]


def test_picture_remembers_what_the_composer_was_filled_from(as_, alice, team, emulator):
    source, client = draw(alice, team, prompt="two boats"), as_(alice)
    composers = [
        client.get(f"/t/harbour/?{how}={source.id}").context["composer"] for how in ("remix", "use", "seed_of")
    ]
    assert [one.remix_id for one in composers] == [str(source.id), str(source.id), ""]

    assert send(client, source.id).remix_of == source


def test_picture_that_was_approved_remembers_it_too(as_, alice, bob, team, emulator):
    source = draw(alice, team, prompt="two boats")
    Team.objects.update(approval_above=0)
    assert send(as_(bob), source.id) == source  # nothing is queued yet

    (made,) = approvals.approve(actor=alice, request=ApprovalRequest.objects.get())

    assert made.remix_of == source


@pytest.mark.parametrize("named", ["", "not an id", "01a229aa-068e-78db-84f3-c5590ea73c40"])
def test_field_that_names_nothing_is_no_reason_to_refuse(as_, alice, team, named):
    assert send(as_(alice), named).remix_of is None


def test_picture_that_one_may_not_see_is_not_recorded(as_, alice, bob, team, emulator):
    secret = draw(alice, team, prompt="a surprise")
    Generation.objects.filter(id=secret.id).update(visibility=Visibility.PRIVATE)

    assert send(as_(bob), secret.id).remix_of is None


def test_both_ends_are_shown(as_, alice, bob, team, emulator):
    source = draw(alice, team, prompt="two boats")
    made = [remix(source, by) for by in (alice, bob)]

    above, below = lineage(as_(alice), made[0]), lineage(as_(alice), source)

    assert (above.source.prompt, above.source.url, above.count_text) == ("two boats", f"/g/{source.id}/", "")
    assert below.source is None
    assert [one.url for one in below.remixes] == [f"/g/{row.id}/" for row in reversed(made)]
    assert below.count_text == "Remixed into 2 pictures"
    assert "Remix of “<bdi>two boats</bdi>”" in as_(bob).get(f"/g/{made[1].id}/").content.decode()


def test_private_pictures_of_others_are_neither_shown_nor_counted(as_, bob, vera, team, emulator):
    source = draw(bob, team, prompt="two boats")
    hidden = remix(source, bob, visibility=Visibility.PRIVATE)
    seen = remix(source, bob)

    found = lineage(as_(vera), source)
    assert ([one.url for one in found.remixes], found.count_text) == ([f"/g/{seen.id}/"], "Remixed into 1 picture")
    assert lineage(as_(bob), source).count_text == "Remixed into 2 pictures"

    Generation.objects.filter(id=source.id).update(visibility=Visibility.PRIVATE)
    page = as_(vera).get(f"/g/{seen.id}/").content.decode()
    assert str(source.id) not in page
    assert str(hidden.id) not in page
    assert "two boats" not in page


def test_deleted_and_unfinished_pictures_do_not_count(as_, alice, bob, team, emulator):
    source = draw(alice, team)
    (waiting,) = order(bob, team, prompt="a surprise")
    Generation.objects.filter(id=waiting.id).update(remix_of=source)
    assert waiting.state == State.QUEUED
    gone = remix(source, alice)
    Generation.objects.filter(id=gone.id).update(deleted_at=gone.created_at)

    assert lineage(as_(alice), source).remixes == []


def test_count_goes_on_behind_the_pictures_that_are_shown(as_, alice, team, emulator):
    source = draw(alice, team)
    for _ in range(8):
        remix(source, alice)

    found = lineage(as_(alice), source)

    assert (len(found.remixes), found.count_text) == (6, "Remixed into 8 pictures")


def test_source_of_a_queued_picture_of_others_stays_as_hidden_as_its_prompt(as_, alice, bob, team, emulator):
    source = draw(alice, team, prompt="two boats")
    (queued,) = order(bob, team, prompt="two boats, red")
    Generation.objects.filter(id=queued.id).update(remix_of=source)

    assert lineage(as_(bob), queued).source.prompt == "two boats"
    assert lineage(as_(alice), queued).source is None
    assert "two boats" not in as_(alice).get(f"/g/{queued.id}/").content.decode()
