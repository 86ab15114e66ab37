"""Lists are filtered by a team that is searched for; no page lists all teams."""

import html
import re

import pytest
from django.contrib import admin

from generations.admin.filters import TeamFilter
from generations.models import AuditEvent, Generation, LedgerEntry, Membership, Role, Team, User
from tests.admin.conftest import EDITABLE, READ_ONLY, address_of
from tests.factories import draw, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet(books):
    return [make_team("Port of Bremen", "bremen"), make_team("Port of Gdańsk", "gdansk"), make_team("Port", "p-3")]


def listed(client, typed, model=Generation):
    return client.get(address_of(model), {"team": typed})


def form_of(answer):
    """Return the form beside the list that asks for a team."""
    forms = re.findall(r'<form class="typed-filter".*?</form>', answer.content.decode(), re.DOTALL)
    return next(form for form in forms if "Team name" in form)


@pytest.mark.parametrize("typed", ["harbour", "Harbour team", "HARBOUR T", " rbour"])
def test_team_is_found_by_slug_or_part_of_its_name(client, books, fleet, bob, typed):
    draw(bob, Membership.objects.create(user=bob, team=fleet[0], role=Role.MEMBER).team)

    assert [row.team_id for row in listed(client, typed).context["cl"].result_list] == [books.team_id]


def test_slug_and_whole_name_win_over_parts(client, fleet):
    make_team("Harbour", "port")

    for typed, error in {"port": "", "PORT": "", "bremen": "", "port of": "2 teams match. Choose one."}.items():
        form = form_of(listed(client, typed))
        assert ("complaint" in form, error in form) == (bool(error), True), typed


def test_several_teams_are_links_that_keep_the_other_filters(client, fleet):
    answer = client.get(address_of(LedgerEntry), {"team": "port of", "kind__exact": "charge"})

    links = [html.unescape(one) for one in re.findall(r'<li><a href="(.*?)"', form_of(answer))]
    assert links == ["?kind__exact=charge&team=bremen", "?kind__exact=charge&team=gdansk"]
    assert not answer.context["cl"].result_list
    assert "complaint" not in form_of(client.get(address_of(LedgerEntry) + links[0]))


def test_no_page_lists_more_than_ten_teams(client, books):
    Team.objects.bulk_create(Team(name=f"Studio {n:03}", folded_name=f"studio {n:03}", slug=f"s{n}") for n in range(99))

    for typed, shown in {"": 0, "studio": 10}.items():
        page = listed(client, typed).content.decode()
        assert page.count("Studio ") == shown
    assert "More than 10 teams match." in page


def test_unknown_team_is_a_sentence(client, books):
    assert "No team matches “nowhere”." in form_of(listed(client, "nowhere"))


@pytest.mark.parametrize(
    "model", [one for one in [*EDITABLE, *READ_ONLY] if TeamFilter in admin.site.get_model_admin(one).list_filter]
)
def test_names_are_suggested_by_djangos_own_search_while_somebody_types(client, as_, books, alice, fleet, model):
    address = html.unescape(re.search(r'data-suggestions="(.*?)"', form_of(listed(client, "", model)))[1])

    answer = client.get(f"{address}&term=gdansk").json()

    assert [one["text"] for one in answer["results"]] == ["Port of Gdańsk"]
    assert as_(alice).get(f"{address}&term=gdansk").status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert as_(alice).get(f"{address}&term=gdansk").status_code == 403


def test_trail_of_a_team_is_found_by_its_name(client, team):
    client.post(f"{address_of(Team)}add/", {
        "name": "New", "slug": "n-1", "budgets-TOTAL_FORMS": 0, "budgets-INITIAL_FORMS": 0,
        "memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0,
    })  # fmt: skip

    assert [row.team.slug for row in listed(client, "new", AuditEvent).context["cl"].result_list] == ["n-1"]
