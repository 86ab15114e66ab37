"""The page of limits: what it shows, what is typed wrong, and what the composer says of them."""

import html
import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from generations import ledger
from generations.models import Budget, Generation, Membership, Role, State
from generations.pipeline.worker.fulfil import fulfil
from generations.views.spending.limit_rows import build_own_limits
from tests.factories import draw, make_person, order
from tests.sharing import collect

pytestmark = pytest.mark.django_db
ADDRESS = "/t/harbour/credits/limits/"
FORM = {"of": "team", "span": "month", "soft": "", "hard": ""}


def add(client, **said):
    return client.post(ADDRESS, {**FORM, **said})


def text_of(response):
    return " ".join(response.content.decode().split())


def test_limit_is_set_changed_and_removed(as_, alice, team):
    client = as_(alice)

    assert add(client, soft="20", hard="$30.00").url == ADDRESS
    row = Budget.objects.get()
    assert (row.soft, row.hard, row.span, row.set_by) == (20, 30, "month", alice)
    assert "stops at <b>$30.00</b>, warns above <b>$20.00</b>" in text_of(client.get(ADDRESS))
    assert client.post(f"{ADDRESS}{row.pk}/change", {"soft": "", "hard": "40.5"}).url == ADDRESS
    row.refresh_from_db()
    assert (row.soft, row.hard) == (None, Decimal("40.5"))
    client.post(f"{ADDRESS}{row.pk}/remove")
    assert "No limit." in text_of(client.get(ADDRESS))


def test_page_says_how_far_a_limit_is_used_up(as_, alice, team, emulator):
    picture = draw(alice, team)
    (waiting,) = order(alice, team)
    Budget.objects.create(team=team, hard=10 * picture.cost)

    page = text_of(as_(alice).get(ADDRESS))

    first, _ = ledger.month_of(timezone.now())
    assert f"<b>{ledger.budget_usage(Budget.objects.get(team=team)).per_cent} %</b> used up" in page
    assert f"${ledger.spent(team, first):.4f} spent, ${waiting.estimate:.4f} held for pictures on the way" in page
    assert "Resets on 1 " in page


SPANS = [("month", ""), ("day", "when=day&")]


@pytest.mark.parametrize(("span", "when"), SPANS)
def test_collections_limit_says_that_the_review_counts_otherwise(as_, alice, team, emulator, span, when):
    """A picture that was ordered for nothing and put in later counts in the review alone."""
    picture = draw(alice, team)
    shelf = collect(alice, team, picture, name="Menus")
    Budget.objects.create(team=team, collection=shelf, span=span, hard=10 * picture.cost)
    client = as_(alice)

    page = text_of(client.get(ADDRESS))

    assert "<b>0 %</b> used up: $0.0000 spent on what was ordered into it; " in page
    (address,) = re.findall('<a href="([^"]+)">the review</a> what <em>is in</em> it: they differ where', page)
    address = html.unescape(address)
    assert address == f"/t/harbour/credits/entries/?{when}by=collection&key={shelf.id}"
    review = client.get(address)
    assert review.context["spent"] == f"${picture.cost:.4f}"


def test_other_limits_say_nothing_of_it(as_, alice, team):
    Budget.objects.create(team=team, hard=10)
    Budget.objects.create(team=team, person=alice, hard=10)

    page = text_of(as_(alice).get(ADDRESS))

    assert "$0.0000 spent; $10.0000 left." in page
    assert "the review</a>" not in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"hard": "0,50"}, "“0,50” is not an amount. Write dollars with a point, such as 12.50."),
        ({"hard": "NaN"}, "is not an amount"),
        ({"hard": "1e3"}, "is not an amount"),
        ({"hard": "٣"}, "is not an amount"),
        ({"hard": "-1"}, "−$1.00 is less than nothing"),
        ({"hard": "0.00001"}, "more than four places"),
        ({"hard": "99999999"}, "is more than this site counts"),
        ({"soft": "5", "hard": "4"}, "would never be passed"),
        ({}, "Write an amount here"),
        ({"of": "person", "whose": "", "hard": "3"}, "Choose a person"),
        ({"of": "person", "whose": "999999", "hard": "3"}, "Choose a person"),
        ({"of": "collection", "whose": "x", "hard": "3"}, "Choose a collection"),
    ],
)
def test_what_was_typed_wrong_stays_with_a_sentence_at_its_field(as_, alice, team, said, words):
    response = add(as_(alice), **said)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert f'value="{said.get("hard", "")}"' in response.content.decode()
    assert not Budget.objects.exists()


def test_change_that_is_refused_stands_open_with_what_was_typed(as_, alice, team):
    row = Budget.objects.create(team=team, hard=4)

    page = as_(alice).post(f"{ADDRESS}{row.pk}/change", {"soft": "5", "hard": "4"})

    assert page.status_code == 422
    assert "would never be passed" in page.content.decode()
    assert 'name="soft" inputmode="decimal" autocomplete="off" maxlength="40" value="5"' in page.content.decode()


def test_manager_sees_and_does_not_change(as_, alice, bob, team):
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    row = Budget.objects.create(team=team, hard=4)
    client = as_(bob)

    page = client.get(ADDRESS).content.decode()
    assert "$4.00" in page
    assert "Add a limit" not in page
    assert "Change" not in page
    assert client.post(f"{ADDRESS}{row.pk}/change", {"hard": "5"}).status_code == 403
    assert add(client, hard="5").status_code == 403


def test_limit_of_the_site_is_shown_and_changed_by_those_who_run_it(as_, alice, team):
    row = Budget.objects.create(team=team, hard=4, by_site=True)
    root = make_person("Root", team, Role.MANAGER)
    root.is_superuser = True
    root.save()

    page = as_(alice).get(ADDRESS).content.decode()
    assert "Set by the people who run this site." in page
    assert f"{row.pk}/change" not in page
    assert as_(root).post(f"{ADDRESS}{row.pk}/change", {"hard": "5"}).status_code == 302
    assert add(as_(root), span="day", hard="1", by_site="on").status_code == 302
    assert [one.by_site for one in Budget.objects.all()] == [True, True]


def test_approval_limit_is_set_and_taken_away(as_, alice, team):
    client = as_(alice)

    client.post(f"{ADDRESS}approval", {"above": "2.50"})
    assert "Orders expected to cost more than <b>$2.50</b> wait" in client.get(ADDRESS).content.decode()
    assert client.post(f"{ADDRESS}approval", {"above": "much"}).status_code == 422
    client.post(f"{ADDRESS}approval", {"above": ""})
    assert "No order waits for a manager" in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three_people(as_, alice, team, number, django_assert_num_queries):
    """One limit of the team; who can be limited is read at once."""
    Budget.objects.create(team=team, hard=4)
    for one in range(number):
        make_person(f"Person{one}", team)
    client = as_(alice)
    client.get(ADDRESS)

    with django_assert_num_queries(19):
        client.get(ADDRESS)


# --- her own ------------------------------------------------------------------------------------------------------


def test_person_sees_her_own_limits_first_and_nobody_elses(alice, bob, team):
    Budget.objects.create(team=team, hard=4)
    Budget.objects.create(team=team, person=bob, hard=3)
    Budget.objects.create(team=team, person=alice, hard=2)

    assert [(one.title, one.hard) for one in build_own_limits(bob, team, reviews=False).lines] == [
        ("You, a month", "$3.00"), ("Harbour team, a month", "$4.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"soft": "0.01"}, "is spent or held in "),
        ({"hard": "2.1"}, "is left of the"),
        ({"hard": "2"}, "Nothing is left of the"),
        ({"hard": "4"}, ""),
        ({"soft": "3", "hard": "4"}, ""),
    ],
)
def test_composer_says_quietly_that_a_limit_is_near(as_, bob, team, limit, words):
    rows = order(bob, team, count=2)
    Budget.objects.create(team=team, person=bob, **{name: Decimal(of) * rows[0].estimate for name, of in limit.items()})

    page = as_(bob).get("/t/harbour/").content.decode()

    assert ("composer-limit" in page) == bool(words)
    assert words in page


def test_composer_speaks_of_a_collections_limit_where_it_orders_into_it(as_, bob, alice, team):
    shelf = collect(alice, team, name="Menus")
    Budget.objects.create(team=team, collection=shelf, hard=0)

    client = as_(bob)
    assert "composer-limit" not in client.get("/t/harbour/").content.decode()
    assert "the collection “Menus” may cost" in client.get(f"/t/harbour/?collection={shelf.pk}").content.decode()


# --- what a limit does to orders ----------------------------------------------------------------------------------


def test_refused_order_keeps_its_words_and_says_whom_to_ask(as_, alice, bob, team):
    Budget.objects.create(team=team, person=bob, hard=0)

    page = as_(bob).post("/t/harbour/generations/", {"prompt": "a quiet harbour at dusk", "count": "1"})

    assert page.status_code == 402
    text = page.content.decode()
    assert "a quiet harbour at dusk</textarea>" in text
    assert "you may spend" in text
    assert "an owner of the team (Alice) can raise it" in text


def test_what_waits_goes_on_when_the_limit_is_reached_and_lowered(as_, alice, bob, team, emulator):
    rows = order(bob, team, count=2)
    row = Budget.objects.create(team=team, hard=2 * rows[0].estimate)
    client = as_(alice)
    assert client.post(f"{ADDRESS}{row.pk}/change", {"hard": "0"}).status_code == 302

    for one in rows:
        fulfil(one.id)

    assert {one.state for one in Generation.objects.all()} == {State.DONE}
    assert client.post("/t/harbour/generations/", {"prompt": "more", "count": "1"}).status_code == 402
    client.post(f"{ADDRESS}{row.pk}/change", {"hard": "100"})
    cache.clear()
    assert client.post("/t/harbour/generations/", {"prompt": "more", "count": "1"}).status_code == 302


# --- pictures per person ------------------------------------------------------------------------------------------


def test_pictures_per_person_are_set_and_said(as_, alice, bob, team):
    client = as_(alice)

    assert client.post(f"{ADDRESS}quotas", {"in_flight": " 12 ", "per_minute": ""}).url == ADDRESS
    assert "Each person may have 12 pictures in progress." in text_of(client.get(ADDRESS))
    client.post(f"{ADDRESS}quotas", {"in_flight": "12", "per_minute": "6"})
    assert "You may have 12 pictures in progress and generate 6 a minute." in text_of(
        as_(bob).get("/t/harbour/credits/")
    )
    client.post(f"{ADDRESS}quotas", {"in_flight": "", "per_minute": ""})
    page = text_of(client.get(ADDRESS))
    assert "This team sets no limit. In all teams together a person may have 200 in progress." in page
    assert "Limits that concern you" not in text_of(as_(bob).get("/t/harbour/credits/"))


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "201", "many", "9" * 500, "٣"])
def test_what_is_no_number_of_pictures_is_refused_at_its_field_and_kept(as_, alice, team, typed):
    page = as_(alice).post(f"{ADDRESS}quotas", {"in_flight": typed, "per_minute": "7"})

    assert page.status_code == 422
    text = text_of(page)
    assert "is not a whole number from 1 to 200." in text
    assert f'value="{typed}"' in text
    assert 'value="7"' in text
    team.refresh_from_db()
    assert (team.person_in_flight, team.person_per_minute) == (None, None)


def test_managers_read_the_numbers_and_do_not_set_them(as_, bob, team):
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    client = as_(bob)

    assert "quotas" not in re.findall(r'action="[^"]*/(\w+)"', client.get(ADDRESS).content.decode())
    assert client.post(f"{ADDRESS}quotas", {"in_flight": "5"}).status_code == 403


def test_order_that_comes_too_fast_says_when_and_keeps_its_words(as_, bob, team):
    team.person_per_minute = 2
    team.save()
    client = as_(bob)
    send = {"prompt": "a quiet harbour at dusk", "count": "2"}
    assert client.post("/t/harbour/generations/", send).status_code == 302

    page = client.post("/t/harbour/generations/", send)

    assert page.status_code == 429
    text = html.unescape(text_of(page))
    said = re.search(r"Try again in (\d+) second", text)
    assert said
    # The header is of the moment of the answer, which is the later one.
    assert 1 <= int(page["Retry-After"]) <= int(said[1]) <= 60
    assert "a quiet harbour at dusk</textarea>" in text
    assert Generation.objects.count() == 2
