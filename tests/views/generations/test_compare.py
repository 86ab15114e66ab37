"""Two pictures compared: who may, what differs, and how one gets there."""

import pytest

from generations.models import Generation, Visibility
from tests.factories import draw, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(alice, team, emulator):
    return [
        draw(alice, team, prompt="two boats in a quiet harbour", seed=7),
        draw(alice, team, prompt="two ships in a quiet harbour", seed=7, resolution="1360x768"),
    ]


def address(a, b):
    return f"/t/harbour/compare/?a={a.id}&b={b.id}"


def rows(answer, name):
    return {row.label: (row.a, row.b) for row in answer.context[name]}


def test_what_differs_is_listed_and_the_same_is_folded(as_, vera, pair):
    answer = as_(vera).get(address(*pair))

    different = rows(answer, "different")
    assert list(different) == ["Prompt", "Size"]
    assert different["Prompt"] == (
        [("two", False), ("boats", True), ("in a quiet harbour", False)],
        [("two", False), ("ships", True), ("in a quiet harbour", False)],
    )
    assert different["Size"][1] == [("Wide 16:9 · 1360 × 768", False)]
    assert rows(answer, "same")["Seed"] == ([("7", False)], [("7", False)])
    assert {"Speed", "Format", "Model"} <= rows(answer, "same").keys()
    assert not answer.context["overlays"]
    assert answer.context["swap_url"] == address(*pair[::-1])


def test_cost_and_time_of_each_are_always_said(as_, alice, pair):
    became = rows(as_(alice).get(address(*pair)), "became")

    assert list(became) == ["Cost", "Duration", "File", "Created by"]
    for n, row in enumerate(pair):
        assert became["Cost"][n] == [(f"${row.cost:.4f} charged", False)]
        assert "s generating" in became["Duration"][n][0][0]


def test_orders_of_another_model_are_compared_too(as_, alice, pair):
    Generation.objects.filter(id=pair[0].id).update(model="gone")

    different = rows(as_(alice).get(address(*pair)), "different")

    assert different["Model"] == ([("gone", False)], [("HiDream-I1 (Fast)", False)])


@pytest.mark.parametrize("change", [{"visibility": Visibility.PRIVATE}, {"deleted_at": "2026-01-01T00:00Z"}])
def test_both_must_be_there_for_this_person(as_, bob, pair, change):
    client = as_(bob)
    assert client.get(address(*pair)).status_code == 200
    Generation.objects.filter(id=pair[0].id).update(**change)

    assert client.get(address(*pair)).status_code == 404
    assert client.get(address(*pair[::-1])).status_code == 404


def test_strangers_waiting_pictures_and_half_addresses_are_missing(as_, alice, charlie, team, pair):
    (waiting,) = order(alice, team)
    client, (a, _) = as_(alice), pair

    assert as_(charlie).get(address(*pair)).status_code == 404
    assert as_(charlie).get(address(*pair).replace("harbour", "charlies")).status_code == 404
    halves = (address(a, waiting), address(a, a), f"/t/harbour/compare/?a={a.id}", "/t/harbour/compare/?a=x&b=y")
    assert [client.get(half).status_code for half in halves] == [404] * 4


def test_two_chosen_lead_there_and_three_do_not(as_, alice, team, pair):
    client, ids = as_(alice), [str(row.id) for row in pair[::-1]]

    answer = client.post("/t/harbour/selection/", {"action": "compare", "id": ids})
    assert answer["Location"] == address(*pair)
    ids.append(str(draw(alice, team).id))
    answer = client.post("/t/harbour/selection/", {"action": "compare", "id": ids}, follow=True)
    assert "Select exactly two finished pictures to compare." in answer.content.decode()


def test_page_of_a_picture_offers_its_neighbour_of_the_same_order(as_, alice, team, pair):
    other = draw(alice, team)
    Generation.objects.filter(id=other.id).update(batch=pair[1].batch)
    client = as_(alice)

    def offered(row):
        return client.get(f"/g/{row.id}/").context["item"].around.compare_url

    assert offered(other) == offered(pair[1]) == address(pair[1], other)
    assert offered(pair[0]) == address(*pair)


def test_page_costs_what_it_costs(as_, alice, pair, django_assert_num_queries):
    client = as_(alice)

    with django_assert_num_queries(13):
        client.get(address(*pair))
