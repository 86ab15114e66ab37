"""The gallery with batches collapsed: the switch, the number on a card, and the filters that show all pictures."""

import pytest

from generations.models import Generation
from tests.factories import draw

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
URL = "/t/harbour/"


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
