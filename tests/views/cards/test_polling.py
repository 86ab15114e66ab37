"""One poll for all waiting cards."""

from urllib.parse import parse_qs, urlsplit

import pytest

from generations.models import Generation
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import fulfil
from generations.services.orders import submit
from tests.factories import draw, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, alice):
    return as_(alice)


def live(client, page="/t/harbour/"):
    return client.get(page).context["live"]


def watched(url):
    return [one for one in parse_qs(urlsplit(url).query).get("ids", [""])[0].split(",") if one]


def test_page_without_waiting_cards_does_not_poll(client, alice, team, emulator):
    draw(alice, team)

    assert not live(client).active


def test_page_polls_for_its_waiting_cards_only(client, alice, team, emulator):
    draw(alice, team)
    (row,) = order(alice, team)

    found = live(client)
    assert (found.active, watched(found.url)) == (True, [str(row.id)])


def test_poll_answers_nothing_while_nothing_changes(client, alice, team):
    order(alice, team, count=3)
    url = live(client).url

    response = client.get(url)

    assert (response.status_code, response.content) == (204, b"")


def test_poll_brings_the_card_that_changed_and_goes_on(client, alice, team):
    first, second = order(alice, team, count=2)
    url = live(client).url
    mark_sent(claim(first.id))

    response = client.get(url)

    html = response.content.decode()
    assert response.status_code == 200
    assert f'id="g-{first.id}"' in html
    assert "hx-swap-oob" in html
    assert set(watched(response.context["live"].url)) == {str(first.id), str(second.id)}
    assert client.get(response.context["live"].url).status_code == 204


def test_card_that_is_swapped_in_goes_on_following_the_filter(client, alice, team, emulator):
    (row,) = order(alice, team)
    url = live(client, "/t/harbour/?state=queued&layout=grid").url
    fulfil(row.id)

    response = client.get(url)

    assert [card.url for card in response.context["cards"]] == [f"/g/{row.id}/?state=queued&layout=grid"]


def test_next_poll_keeps_the_filter(client, alice, team):
    first, _ = order(alice, team, count=2)
    url = live(client, f"/t/harbour/?person={alice.pk}").url
    mark_sent(claim(first.id))

    assert f"person={alice.pk}&" in client.get(url).context["live"].url


def test_page_of_the_feed_that_was_loaded_later_is_watched_too(client, alice, team):
    rows = [row for _ in range(7) for row in order(alice, team, count=8)]
    older = client.get("/t/harbour/").context["feed"].older_url

    response = client.get(older, headers={"HX-Request": "true"})

    found = response.context["live"]
    assert sorted(watched(found.url)) == sorted(str(row.id) for row in rows[:8])
    assert 'hx-swap-oob="beforeend:#live"' in response.content.decode()
    assert f'id="{found.id}"' in response.content.decode()
    assert found.id != live(client).id
    mark_sent(claim(rows[0].id))
    assert client.get(found.url).context["live"].id == found.id


def test_poll_ends_when_the_last_picture_is_there(client, alice, team, emulator):
    (row,) = order(alice, team)
    url = live(client).url
    fulfil(row.id)

    response = client.get(url)

    assert not response.context["live"].active
    assert [card.phase for card in response.context["cards"]] == ["done"]
    assert 'hx-trigger="every' not in response.content.decode()


def test_poll_never_shows_what_belongs_to_others(client, charlie, team):
    (foreign,) = order(charlie, charlie.teams.get(), prompt="a secret")

    response = client.get(f"/t/harbour/poll/?ids={foreign.id}&seen=x")

    assert response.context["cards"] == []
    assert b"a secret" not in response.content


def test_poll_keeps_other_peoples_words_hidden(client, bob, team):
    (row,) = order(bob, team, prompt="a surprise")

    assert b"a surprise" not in client.get(f"/t/harbour/poll/?ids={row.id}&seen=x").content


def test_card_that_was_cancelled_elsewhere_ends_the_poll(client, alice, team):
    (row,) = order(alice, team)
    url = live(client).url
    submit.cancel(actor=row.author, generation=row)

    response = client.get(url)

    assert [card.phase for card in response.context["cards"]] == ["cancelled"]
    assert not response.context["live"].active


def test_poll_watches_at_most_200_cards(client, team):
    ids = ",".join(f"00000000-0000-7000-8000-{number:012}" for number in range(1000))

    assert client.get(f"/t/harbour/poll/?ids={ids}").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_poll_costs_the_same_for_one_and_three(client, alice, team, number, django_assert_num_queries):
    order(alice, team, count=number)
    Generation.objects.update(state="failed")
    url = "/t/harbour/poll/?seen=x&ids=" + ",".join(str(row.id) for row in Generation.objects.all())

    # Session, user, team, cards, authors, team, role, request ids, the sums of the days and the total, the badge of the
    # queue, money, and the notice (three times; a cache would remember it).
    with django_assert_num_queries(16):
        client.get(url)
