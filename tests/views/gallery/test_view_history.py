"""Recently viewed: told by a POST of the picture's page, seen by one person, never more than may be seen."""

import pytest

from generations.models import Generation, ViewHistoryEntry, Visibility
from generations.queries.gallery import view_history as queries
from generations.services.gallery import view_history as service
from tests.factories import draw

pytestmark = pytest.mark.django_db
LONG_AGO = "2026-01-01T00:00Z"
PAGE = "/t/harbour/view-history/"


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team)


def shown(client):
    return [card.id for day in client.get(PAGE).context["feed"].days for card in day.cards]


def test_opened_pictures_stand_there_latest_first_and_once(as_, alice, team, picture):
    other, client = draw(alice, team), as_(alice)
    for row in (picture, other, picture):
        assert client.post(f"/g/{row.id}/viewed").status_code == 204

    assert shown(client) == [str(picture.id), str(other.id)]
    assert client.get(PAGE).context["feed"].days[0].summary == "2 pictures viewed"


def test_looking_writes_nothing(as_, alice, picture):
    client = as_(alice)

    assert f'data-record-view="/g/{picture.id}/viewed"' in client.get(f"/g/{picture.id}/").content.decode()
    assert client.get(f"/g/{picture.id}/viewed").status_code == 405
    assert not ViewHistoryEntry.objects.exists()
    assert "No pictures viewed yet" in client.get(PAGE).content.decode()


def test_list_is_of_one_person(as_, alice, bob, picture):
    as_(alice).post(f"/g/{picture.id}/viewed")

    assert shown(as_(bob)) == []


@pytest.mark.parametrize(
    "change", [{"visibility": Visibility.PRIVATE}, {"deleted_at": LONG_AGO}, {"purged_at": LONG_AGO}]
)
def test_what_may_not_be_seen_any_more_is_not_listed(as_, bob, picture, change):
    client = as_(bob)
    client.post(f"/g/{picture.id}/viewed")
    Generation.objects.update(**change)

    assert shown(client) == []


def test_what_may_not_be_seen_is_not_remembered(as_, bob, charlie, picture):
    Generation.objects.update(visibility=Visibility.PRIVATE)

    assert [as_(person).post(f"/g/{picture.id}/viewed").status_code for person in (bob, charlie)] == [404, 404]
    assert as_(charlie).get(PAGE).status_code == 404
    assert not ViewHistoryEntry.objects.exists()


def test_only_the_latest_are_kept(monkeypatch, alice, bob, team, emulator):
    for module in (queries, service):
        monkeypatch.setattr(module, "MAX_KEPT", 2)
    rows = [draw(alice, team) for _ in range(3)]
    service.record_view(actor=bob, generation=rows[0])
    for row in rows:
        service.record_view(actor=alice, generation=row)

    kept = ViewHistoryEntry.objects.filter(user=alice).order_by("-viewed_at").values_list("generation", flat=True)
    assert list(kept) == [rows[2].id, rows[1].id]
    assert ViewHistoryEntry.objects.filter(user=bob).count() == 1


def test_forgetting_takes_the_list_and_leaves_the_pictures(as_, alice, bob, picture):
    client = as_(alice)
    for person in (alice, bob):
        service.record_view(actor=person, generation=picture)
    answer = client.post("/t/harbour/view-history/clear", follow=True)

    assert "History cleared. The pictures themselves are still in the gallery." in answer.content.decode()
    assert list(ViewHistoryEntry.objects.values_list("user", flat=True)) == [bob.pk]
    assert Generation.objects.filter(id=picture.id).exists()


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(as_, alice, team, emulator, number, django_assert_num_queries):
    client = as_(alice)
    for _ in range(number):
        service.record_view(actor=alice, generation=draw(alice, team))

    with django_assert_num_queries(18):
        client.get(PAGE)
