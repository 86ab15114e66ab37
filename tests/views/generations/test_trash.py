"""What was deleted, for 30 days."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Generation
from tests.factories import order

pytestmark = pytest.mark.django_db
# Session, user, team, cards, authors, team, role, the notice, all teams, role again, queue, money.
QUERIES = 14


def throw_away(rows, days=0):
    ids = [row.id for row in rows]
    deleted = timezone.now() - timedelta(days=days, minutes=1)
    Generation.objects.filter(id__in=ids).update(deleted_at=deleted, state="failed")


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "Deleted today · 30 days left"),
        (1, "Deleted yesterday · 29 days left"),
        (3, "Deleted 3 days ago · 27 days left"),
        (29, "Deleted 29 days ago · 1 day left"),
        (31, "Deleted 31 days ago · 0 days left"),
    ],
)
def test_card_says_how_long_it_is_kept(client, alice, team, days, text):
    throw_away(order(alice, team), days)

    assert client.get("/t/harbour/trash/").context["cards"][0].deleted == text


def test_only_who_may_edit_may_restore(as_, alice, bob, team):
    throw_away(order(alice, team))

    assert as_(alice).get("/t/harbour/trash/").context["cards"][0].card.may_edit
    assert not as_(bob).get("/t/harbour/trash/").context["cards"][0].card.may_edit


def test_restored_picture_leaves_the_trash_and_stays_on_its_page(client, alice, team):
    (row,) = order(alice, team)
    throw_away([row])

    response = client.post(f"/g/{row.id}/restore", {"next": "/t/harbour/trash/"}, follow=True)

    assert response.redirect_chain == [("/t/harbour/trash/", 302)]
    assert response.context["cards"] == []


def test_pages_of_the_trash_follow_each_other(client, alice, team):
    rows = [row for _ in range(7) for row in order(alice, team, count=8)]
    throw_away(rows)

    first = client.get("/t/harbour/trash/").context
    second = client.get(first["older_url"]).context

    assert (len(first["cards"]), len(second["cards"]), second["older_url"]) == (48, 8, "")


def test_empty_trash_says_so(client, team):
    assert "The trash is empty" in client.get("/t/harbour/trash/").content.decode()


def test_page_behind_the_oldest_leads_to_the_first(client, alice, team):
    (row,) = order(alice, team)
    throw_away([row])

    assert client.get(f"/t/harbour/trash/?before={row.id}")["Location"] == "/t/harbour/trash/"


@pytest.mark.parametrize("number", [1, 3])
def test_trash_costs_the_same_for_one_and_three(client, alice, team, number, django_assert_num_queries):
    throw_away(order(alice, team, count=number))

    with django_assert_num_queries(QUERIES):
        client.get("/t/harbour/trash/")
