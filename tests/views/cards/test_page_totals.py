"""Totals beside the cards: re-sent by every response that changes a card, as the page itself would show them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations.models import CollectionOrder, Generation
from generations.pipeline.worker.claim import claim, mark_sent
from generations.pipeline.worker.fulfil import fulfil
from tests.factories import draw, order
from tests.sharing import collect

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HTMX = {"HX-Request": "true"}
URL = "/t/harbour/"


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def pictures(alice, team, emulator):
    """Create one picture of yesterday and two of today, at the same price."""
    days = [timezone.now() - timedelta(days=1), timezone.now(), timezone.now()]
    rows = [draw(alice, team, at=at) for at in days]
    Generation.objects.update(cost="0.015")
    return rows


def figures(response):
    """Return the texts of the total and of the summaries of days by their ids."""
    html = response.content.decode()
    total = re.search(r'<span id="found"[^>]*>(.*?)</span>(?:</span>)?', html, re.S)
    days = re.findall(r'<span class="day-summary" id="(sum-[^"]+)"[^>]*>(.*?)</span>', html)
    return {"found": re.sub(r"<[^>]+>", "", total[1]) if total else None, **dict(days)}


def act(client, path, back=URL, **form):
    return figures(client.post(path, {"next": back, **form}, headers=HTMX))


def today():
    return f"sum-{timezone.localdate()}"


def yesterday():
    return f"sum-{timezone.localdate() - timedelta(days=1)}"


@pytest.mark.parametrize("query", ["", "?person=me", "?state=queued", "?q=harbour"])
def test_poll_brings_them_when_a_picture_is_finished(client, alice, team, pictures, query):
    (row,) = order(alice, team)
    url = client.get(f"{URL}{query}").context["live"].url
    fulfil(row.id)

    found = figures(client.get(url))

    page = figures(client.get(f"{URL}{query}"))
    assert found["found"] == page["found"]
    assert found.get(today()) == page.get(today())  # a filtered page has no labels of days
    assert (today() in page) == (not query)
    assert yesterday() not in found
    assert found["found"].startswith("0 pictures" if "state" in query else "4 pictures · $0.0")


def test_poll_leaves_them_while_everything_still_waits(client, alice, team):
    (row,) = order(alice, team)
    url = client.get(URL).context["live"].url
    mark_sent(claim(row.id))

    response = client.get(url)

    assert response.status_code == 200
    assert figures(response) == {"found": None}


def test_trash_and_undo_of_one_card(client, pictures):
    row = pictures[2]

    gone = act(client, f"/g/{row.id}/delete")
    assert gone == {"found": "2 pictures · $0.03", today(): "1 picture · $0.02"}

    back = act(client, f"/g/{row.id}/restore")
    assert back == {"found": "3 pictures · $0.04", today(): "2 pictures · $0.03"}


def test_trash_of_many_takes_the_figures_of_each_of_their_days(client, pictures):
    ids = [str(row.id) for row in pictures[:2]]

    gone = act(client, f"{URL}selection/?cards", action="delete", id=ids)

    assert gone == {"found": "1 picture · $0.02", today(): "1 picture · $0.02", yesterday(): ""}
    page = figures(client.get(URL))
    assert page == {"found": gone["found"], today(): gone[today()]}


def test_card_that_is_cancelled_is_counted_no_more(client, alice, team, pictures):
    (row,) = order(alice, team)

    assert act(client, f"/g/{row.id}/cancel")["found"] == "3 pictures · $0.04"


def test_filter_of_the_page_that_asks_is_obeyed(client, pictures):
    path = f"/g/{pictures[1].id}/delete"

    found = act(client, path, f"{URL}?from={timezone.localdate()}&layout=list")

    assert found == {"found": "1 picture · $0.02"}


@pytest.mark.parametrize("by_hand", [False, True])
def test_collection_counts_and_says_no_cost(client, alice, team, pictures, by_hand):
    menu = collect(alice, team, *pictures, order=CollectionOrder.HAND if by_hand else CollectionOrder.DATE)
    page = client.get(f"{URL}collections/{menu.id}/")
    here = page.context["site"].here
    assert figures(page)["found"] == "3 pictures"

    found = act(client, f"/g/{pictures[2].id}/delete", here)

    assert found == {"found": "2 pictures"}


@pytest.mark.parametrize("by_hand", [False, True])
def test_poll_of_a_collection_knows_where_it_stands(client, alice, team, by_hand, emulator):
    (row,) = order(alice, team)
    menu = collect(alice, team, row, order=CollectionOrder.HAND if by_hand else CollectionOrder.DATE)
    url = client.get(f"{URL}collections/{menu.id}/").context["live"].url
    fulfil(row.id)

    found = figures(client.get(url))

    assert found == {"found": "1 picture"}


@pytest.mark.parametrize("page", ["recent/", "trash/", "queue/"])
def test_pages_without_them_get_none(client, pictures, page):
    assert act(client, f"/g/{pictures[0].id}/favourite", f"{URL}{page}") == {"found": None}


def test_day_that_began_on_the_page_before_has_no_heading_to_change(client, alice, team, pictures):
    (row,) = order(alice, team)
    (newest,) = order(alice, team)
    here = f"{URL}?before={newest.id}"
    url = client.get(here).context["live"].url
    below = client.get(here, headers=HTMX).context["live"].url
    Generation.objects.filter(id=row.id).update(state="failed", finished_at=timezone.now())

    assert [today() in figures(client.get(one)) for one in (url, below)] == [False, True]
    assert today() not in act(client, f"/g/{row.id}/delete", here)


def test_day_that_is_not_known_as_a_whole_says_nothing(client, pictures, monkeypatch):
    monkeypatch.setattr("generations.queries.gallery.gallery.COUNT_LIMIT", 2)
    ids = [str(row.id) for row in pictures]

    found = act(client, f"{URL}selection/?cards", action="favourite", id=ids)

    assert found[yesterday()] == ""


@pytest.mark.parametrize(
    "query", ["", "?before=nonsense&begun=x&place=y", "?before=ffffffff-ffff-7fff-bfff-ffffffffffff"]
)
def test_address_that_says_nonsense_is_a_page_without_a_cursor(client, pictures, query):
    assert act(client, f"/g/{pictures[2].id}/favourite", f"{URL}{query}")[today()] == "2 pictures · $0.03"


def test_poll_with_a_mistyped_place_is_answered(client, pictures):
    url = f"{URL}poll/?seen=x&ids={pictures[2].id}&begun=x&place=y"

    assert figures(client.get(url)) == {"found": "3 pictures"}


@pytest.mark.parametrize("number", [1, 3])
def test_they_cost_two_questions_however_many_cards_change(client, pictures, number):
    ids = [str(row.id) for row in pictures[:number]]

    def questions(back):
        with CaptureQueriesContext(connection) as asked:
            client.post(f"{URL}selection/?cards", {"action": "favourite", "id": ids, "next": back}, headers=HTMX)
        return len(asked)

    questions(URL)
    assert questions(URL) - questions(f"{URL}trash/") == 2
