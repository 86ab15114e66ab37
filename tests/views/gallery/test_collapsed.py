"""The gallery with batches collapsed: the switch, the number on a card, and the filters that show all pictures."""

import uuid

import pytest

from generations.models import Generation
from tests.factories import draw

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
URL = "/t/harbour/"
HTMX = {"HX-Request": "true"}


def feed(client, query=""):
    return client.get(URL + query).context["feed"]


def test_batches_are_collapsed_by_the_address_and_a_search_shows_them_whole(as_, alice, team, emulator):
    rows = [draw(alice, team) for _ in range(3)]
    Generation.objects.update(batch=rows[0].batch)
    client = as_(alice)
    assert len(feed(client).cards) == 3
    assert feed(client).batches_url == f"{URL}?batches=collapsed"

    found = feed(client, "?batches=collapsed&layout=grid")

    (card,) = found.cards
    assert (card.id, card.stack, card.stack_url) == (str(rows[-1].id), "3", f"{URL}batches/{rows[0].batch}/")
    assert (found.batches_url, found.count_text) == (f"{URL}?layout=grid", "3 pictures")
    searched = feed(client, "?batches=collapsed&person=me")
    assert (len(searched.cards), searched.batches_url) == (3, "")


@pytest.mark.parametrize("way", ["star", "tag", "poll"])
def test_card_of_a_batch_keeps_its_number_when_it_comes_again(as_, alice, team, emulator, way):
    rows = [draw(alice, team) for _ in range(3)]
    Generation.objects.update(batch=rows[0].batch)
    client, here, newest = as_(alice), f"{URL}?batches=collapsed", rows[-1].id

    answer = {
        "star": lambda: client.post(f"/g/{newest}/favourite", {"next": here}, headers=HTMX),
        "tag": lambda: client.post(
            f"{URL}selection/?cards", {"action": "add", "tag": "sea", "id": str(newest), "next": here}, headers=HTMX
        ),
        "poll": lambda: client.get(f"{URL}poll/?batches=collapsed&ids={newest}", headers=HTMX),
    }[way]()

    assert 'aria-label="3 pictures of one batch"' in answer.content.decode()


def test_new_picture_leaves_the_switch_where_it_is(as_, alice, team):
    form = {"prompt": "two boats", "client_key": str(uuid.uuid4())}

    html = as_(alice).post(f"{URL}generations/?batches=collapsed", form, headers=HTMX).content.decode()

    assert "Expand batches" in html
