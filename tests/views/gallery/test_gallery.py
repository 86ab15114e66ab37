"""The gallery page: its cards, its addresses, its days, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Attempt, Generation, Membership
from generations.pipeline.worker.claim import claim, mark_sent
from tests.factories import draw, make_person, make_team, order

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
HTMX = {"HX-Request": "true"}
# Session, user, team, note of use (read, then written), role, cards, authors, team, day sums, count, usual times,
# people, all teams, role again, queue, money and up to where its days are added up, the notice
# (twice; a cache would remember it), the names of the collections, the tags, the presets, the limits, the saved
# searches, the bell, the oldest picture for the timeline. With what all kinds cost, which is remembered for a minute
# where there is a cache.
QUERIES_OF_A_PAGE = 28


@pytest.fixture
def client(as_, alice):
    return as_(alice)


def feed(client, query="", **options):
    return client.get(f"/t/harbour/{query}", **options).context["feed"]


def shown(client, query=""):
    return [card.id for day in feed(client, query).days for card in day.cards]


def ids(rows):
    return [str(row.id) for row in rows]


def test_home_opens_the_team_used_last(client, alice, team):
    other = make_team("Another", "another")
    Membership.objects.create(user=alice, team=other)
    assert client.get("/")["Location"] == "/t/harbour/"

    for slug in ("another", "harbour", "another"):
        client.get(f"/t/{slug}/")
        assert client.get("/")["Location"] == f"/t/{slug}/"


def test_looking_around_in_one_team_does_not_write(client, team, django_assert_max_num_queries):
    client.get("/t/harbour/")

    with django_assert_max_num_queries(QUERIES_OF_A_PAGE) as asked:
        client.get("/t/harbour/")

    assert {query["sql"].split()[0] for query in asked.captured_queries} == {"SELECT"}


def test_home_of_somebody_without_a_team_says_what_to_do(as_):
    response = as_(make_person("Nora")).get("/")

    assert response.status_code == 200
    page = response.content.decode()
    assert "Ask a team owner to invite <b>nora@example.test</b>" in page
    assert 'href="/accounts/"' in page
    assert "New team" not in page


@pytest.mark.usefixtures("large_pictures")
def test_finished_picture_is_a_card_with_its_facts(client, alice, team, emulator):
    picture = draw(alice, team, prompt="two boats", resolution="1360x768")

    (day,) = feed(client).days
    (card,) = day.cards
    assert (card.phase, card.ratio_class, card.width, card.height) == ("done", "r177", 1360, 768)
    assert (card.prompt, card.author, card.mine, card.may_edit) == ("two boats", "Alice", True, True)
    assert card.src == f"/g/{picture.id}/thumb/640.webp"
    assert card.srcset.count("w,") == 2
    assert card.placeholder.startswith("data:image/webp;base64,")
    assert card.cost == f"${picture.cost:.4f}"
    assert (day.label, day.summary) == ("Today", f"1 picture · ${picture.cost:.2f}")


def test_waiting_order_is_a_card_at_once_with_its_place(client, alice, team):
    order(alice, team, count=2)

    (day,) = feed(client).days
    assert [card.headline for card in day.cards] == ["Queued · position 2", "Queued · position 1"]


def test_order_that_nobody_takes_says_so(client, alice, team):
    order(alice, team)
    Generation.objects.update(available_at=timezone.now() - timedelta(minutes=1))

    assert feed(client).days[0].cards[0].headline == "Queued · no worker available"


def test_picture_that_is_drawn_shows_since_when_and_how_long_it_takes(client, alice, team):
    (row,) = order(alice, team)
    mark_sent(claim(row.id))

    card = feed(client).days[0].cards[0]
    assert (card.phase, card.headline, card.note, card.usual_high) == ("drawing", "Generating", "Usually 7–13 s", 13)
    assert card.started


def test_words_of_others_are_hidden_while_they_wait(as_, alice, bob, team):
    order(bob, team, prompt="a surprise for Alice")

    assert b"a surprise" not in as_(alice).get("/t/harbour/").content
    assert b"a surprise" in as_(bob).get("/t/harbour/").content


@pytest.mark.parametrize(
    ("state", "headline", "note"),
    [("failed", "Failed", "Not charged"), ("unknown", "Outcome unknown", "It may have been charged")],
)
def test_what_went_wrong_says_what_it_cost(client, alice, team, state, headline, note):
    order(alice, team)
    Generation.objects.update(state=state, reason="The provider said no.", finished_at=timezone.now())

    card = feed(client).days[0].cards[0]
    assert (card.phase, card.headline) == (state, headline)
    assert card.note.startswith(note)


def test_failed_picture_says_why_and_offers_another_try(client, alice, team):
    (row,) = order(alice, team)
    Generation.objects.update(state="failed", reason="The provider said no.", finished_at=timezone.now())

    card = feed(client).days[0].cards[0]
    assert (card.reason, card.retry_url) == ("The provider said no.", f"/t/harbour/?use={row.id}")


def test_picture_in_doubt_leads_to_what_can_be_done_and_never_straight_to_another_order(client, alice, team):
    (row,) = order(alice, team)
    Generation.objects.update(state="unknown", finished_at=timezone.now())

    card = feed(client).days[0].cards[0]
    assert (card.retry_url, card.unknown_outcome_url) == ("", f"/g/{row.id}/#unknown-outcome")


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_what_went_wrong_can_be_deleted_and_names_the_providers_request(client, alice, team, state):
    (row,) = order(alice, team)
    Generation.objects.update(state=state)
    Attempt.objects.create(
        generation=row, number=1, request_id="req-1234567890", state="unknown", estimate=1, sent_at=timezone.now()
    )

    html = client.get("/t/harbour/").content.decode()
    assert 'data-request="req-1234567890"' in html
    assert re.search(r'id="g-[^>]*data-edit', html)


def test_another_try_is_offered_only_to_who_may_create(as_, vera, alice, team):
    order(alice, team)
    Generation.objects.update(state="failed")

    assert feed(as_(vera)).days[0].cards[0].retry_url == ""


def test_reason_of_a_card_that_waits_to_try_again_stands_there_once(client, alice, team):
    order(alice, team)
    Generation.objects.update(reason="The provider was busy.")

    assert client.get("/t/harbour/").content.decode().count("The provider was busy.") == 1


def test_pictures_of_a_model_that_is_gone_are_still_shown(client, alice, team):
    (row,) = order(alice, team)
    mark_sent(claim(row.id))
    Generation.objects.update(model="gone-model")

    assert shown(client) == [str(row.id)]


def test_filters_of_the_address_choose_the_cards(client, alice, bob, team):
    hers, his = order(alice, team, resolution="1360x768"), order(bob, team, prompt="dunes")

    assert shown(client, f"?person={bob.pk}") == ids(his)
    assert shown(client, "?size=1360x768") == ids(hers)
    assert shown(client, "?q=HARBOUR&state=queued") == ids(hers)
    assert shown(client, "?speed=juiced") == []


def test_chosen_filters_are_shown_and_can_be_cleared(client, bob, team):
    filters = client.get(f"/t/harbour/?person={bob.pk}&q=sea&from=2026-01-02&favourite=1&layout=grid").context[
        "filters"
    ]

    assert (filters.q, filters.favourite, filters.active) == ("sea", True, True)
    assert (filters.time.first_day, filters.time.last_day) == ("2026-01-02", "")
    assert [(chip.name, chip.value_label) for chip in filters.chips if chip.active] == [("person", "Bob")]
    assert (filters.clear_url, filters.hidden) == ("/t/harbour/?layout=grid", [("layout", "grid")])


def test_pages_follow_each_other_in_both_directions(client, alice, team):
    rows = [row for _ in range(7) for row in order(alice, team, count=8)][::-1]
    first = feed(client)
    second = feed(client, first.older_url.removeprefix("/t/harbour/"))

    assert shown(client) == ids(rows[:48])
    assert [card.id for day in second.days for card in day.cards] == ids(rows[48:])
    assert (first.newer_url, second.older_url) == ("", "")
    assert shown(client, second.newer_url.removeprefix("/t/harbour/")) == ids(rows[:48])
    assert first.count_text == "56 pictures"
    assert second.days[0].continues
    assert not first.days[0].continues


def test_address_of_the_next_page_keeps_filter_and_layout(client, alice, team):
    for _ in range(7):
        order(alice, team, count=8)

    assert feed(client, "?state=queued&layout=list").older_url.startswith(
        "/t/harbour/?state=queued&layout=list&before="
    )


def test_more_cards_by_htmx_are_a_fragment_with_its_own_caching(client, alice, team):
    order(alice, team)

    response = client.get("/t/harbour/", headers=HTMX)

    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("query", ["", "?state=queued&layout=list"])
def test_page_behind_the_oldest_leads_to_the_first(client, alice, team, query):
    (row,) = order(alice, team)
    cursor = f"{'&' if query else '?'}before={row.id}"

    assert client.get(f"/t/harbour/{query}{cursor}")["Location"] == f"/t/harbour/{query}"


@pytest.mark.parametrize("query", ["", "?layout=grid", "?layout=list", "?layout=<b>"])
def test_layout_is_one_of_three(client, query):
    assert feed(client, query).layout == {"?layout=grid": "grid", "?layout=list": "list"}.get(query, "rows")


@pytest.mark.parametrize(
    "query",
    [
        "before=abc", "after=abc", "before=ffffffff-ffff-ffff-ffff-ffffffffffff",
        "before=ffffffff-ffff-7fff-bfff-ffffffffffff", "before=00000000-0000-0000-0000-000000000000",
        "after=ffffffff-ffff-ffff-ffff-ffffffffffff", "to=9999-12-31", "from=0001-01-01&to=0001-01-01", "person=%00",
        "q=%00%ED%A0%80", "q=" + "a+" * 300, "size=%F0%9F%8D%8A", "use=%00", "layout=%00", "state[]=done", "ids=,,,",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["", "trash/", "poll/", "queue/"])
def test_nonsense_in_the_address_is_no_error(client, alice, team, path, query):
    order(alice, team)

    assert client.get(f"/t/harbour/{path}?{query}", follow=True).status_code == 200


def test_empty_gallery_says_what_is_meant(as_, alice, vera):
    assert [feed(as_(alice)).empty, feed(as_(alice), "?q=x").empty, feed(as_(vera)).empty] == [
        "first", "filtered", "viewer",
    ]  # fmt: skip


def test_page_shows_team_queue_spending_and_that_money_is_not_real(client, alice, bob, team, emulator):
    picture = draw(alice, team)
    order(bob, team)

    site = client.get("/t/harbour/").context["site"]
    assert (site.team.name, site.nav, site.queue) == ("Harbour team", "gallery", {"mine": 0, "all": 1})
    assert (site.spent, site.emulated, site.can_create) == (f"${picture.cost:.2f}", True, True)
    assert [(one.name, one.current) for one in site.teams] == [("Harbour team", True)]


def test_who_is_in_two_teams_gets_a_menu_of_them(client, alice, team):
    assert "switch team" not in client.get("/t/harbour/").content.decode()
    Membership.objects.create(user=alice, team=make_team("Another", "another"))

    html = client.get("/t/harbour/").content.decode()

    assert "switch team" in html
    assert re.search(r'<a class="menu-item" href="/t/another/">\s*<bdi>Another</bdi>\s*</a>', html)


def test_person_without_a_name_is_called_by_the_first_half_of_the_address(as_, team):
    nora = make_person("Nora", team)
    nora.name = ""
    nora.save()

    html = as_(nora).get("/t/harbour/").content.decode()

    assert "Your account, <bdi>nora</bdi>" in html
    assert '<b dir="auto">nora</b>' in html


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_finished_pictures_costs_the_same_for_one_and_three(
    client, alice, team, emulator, number, django_assert_num_queries
):
    for _ in range(number):
        draw(alice, team)

    with django_assert_num_queries(QUERIES_OF_A_PAGE):
        client.get("/t/harbour/")


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_page_of_failures_costs_the_same_for_one_and_three(client, bob, team, number, state, django_assert_num_queries):
    order(bob, team, count=number)
    Generation.objects.update(state=state)

    # The provider's request ids, the doubts.
    with django_assert_num_queries(QUERIES_OF_A_PAGE + (2 if state == "unknown" else 1)):
        client.get("/t/harbour/")


@pytest.mark.parametrize("number", [1, 3])
def test_page_of_waiting_cards_costs_the_same_for_one_and_three(client, bob, team, number, django_assert_num_queries):
    order(bob, team, count=number)

    # The line, whether it stalls (two questions), the notice once more.
    with django_assert_num_queries(QUERIES_OF_A_PAGE + 4):
        client.get("/t/harbour/")
