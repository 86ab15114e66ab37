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
from generations.views.site.formatting import exact_dollars, total_dollars
from generations.views.spending.limit_rows import build_own_limits
from tests.factories import draw, make_person, order
from tests.sharing import collect

pytestmark = pytest.mark.django_db
ADDRESS = "/t/harbour/credits/limits/"
FORM = {"of": "team", "span": "month", "soft": "", "hard": ""}


def add(client, **said):
    return client.post(ADDRESS, {**FORM, **said})


def text_of(response):
    return " ".join(html.unescape(response.content.decode()).split())


def test_limit_is_set_changed_and_removed(as_, alice, team):
    client = as_(alice)

    assert add(client, soft="20", hard="$30.00").url == ADDRESS
    row = Budget.objects.get()
    assert (row.soft, row.hard, row.span, row.set_by) == (20, 30, "month", alice)
    assert "Limit <b>$30.00</b> · Warning at <b>$20.00</b>" in text_of(client.get(ADDRESS))
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
    assert f">{ledger.budget_usage(Budget.objects.get(team=team)).per_cent}% used<" in page
    assert exact_dollars(ledger.spent(team, first)) in page
    assert f'title="{exact_dollars(waiting.estimate)}">{total_dollars(waiting.estimate)} reserved<' in page
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

    assert ">0% used<" in page
    assert ">$0.00 spent<" in page
    (address,) = re.findall('<a href="([^"]+)">Its spending</a> counts the pictures that <em>are in</em> it now', page)
    assert address == f"/t/harbour/credits/entries/?{when}by=collection&key={shelf.id}"
    review = client.get(address)
    assert review.context["exact"] == exact_dollars(picture.cost)


def test_other_limits_say_nothing_of_it(as_, alice, team):
    Budget.objects.create(team=team, hard=10)
    Budget.objects.create(team=team, person=alice, hard=10)

    page = text_of(as_(alice).get(ADDRESS))

    assert ">$0.00 spent<" in page
    assert 'title="$10.0000">$10.00 left<' in page
    assert "Its spending</a>" not in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"hard": "0,50"}, "“0,50” isn't an amount. Enter dollars with a decimal point, such as 12.50."),
        ({"hard": "NaN"}, "isn't an amount"),
        ({"hard": "1e3"}, "isn't an amount"),
        ({"hard": "٣"}, "isn't an amount"),
        ({"hard": "-1"}, "can't be negative"),
        ({"hard": "0.00001"}, "has too many decimal places. Use at most 4."),
        ({"hard": "99999999"}, "the maximum is $1,000,000"),
        ({"soft": "5", "hard": "4"}, "The warning ($5.00) is above the limit ($4.00)."),
        ({}, "Enter a limit, a warning amount, or both."),
        ({"of": "person", "whose": "", "hard": "3"}, "Choose a member of the team."),
        ({"of": "person", "whose": "999999", "hard": "3"}, "Choose a member of the team."),
        ({"of": "collection", "whose": "x", "hard": "3"}, "Choose a collection."),
    ],
)
def test_what_was_typed_wrong_stays_with_a_sentence_at_its_field(as_, alice, team, said, words):
    response = add(as_(alice), **said)

    assert response.status_code == 422
    assert words in text_of(response)
    assert f'value="{said.get("hard", "")}"' in response.content.decode()
    assert not Budget.objects.exists()


def test_change_that_is_refused_stands_open_with_what_was_typed(as_, alice, team):
    row = Budget.objects.create(team=team, hard=4)

    page = as_(alice).post(f"{ADDRESS}{row.pk}/change", {"soft": "5", "hard": "4"})

    assert page.status_code == 422
    assert "is above the limit ($4.00)" in page.content.decode()
    assert 'name="soft" inputmode="decimal" autocomplete="off" maxlength="40" value="5"' in page.content.decode()


def test_manager_sees_and_does_not_change(as_, alice, bob, team):
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    row = Budget.objects.create(team=team, hard=4)
    client = as_(bob)

    page = client.get(ADDRESS).content.decode()
    assert "$4.00" in page
    assert "Add limit" not in page
    assert "limit-change" not in page
    assert client.post(f"{ADDRESS}{row.pk}/change", {"hard": "5"}).status_code == 403
    assert add(client, hard="5").status_code == 403


def test_limit_of_the_site_is_shown_and_changed_by_those_who_run_it(as_, alice, team):
    row = Budget.objects.create(team=team, hard=4, by_site=True)
    root = make_person("Root", team, Role.MANAGER)
    root.is_superuser = True
    root.save()

    page = as_(alice).get(ADDRESS).content.decode()
    assert "Set by a site admin." in page
    assert f"{row.pk}/change" not in page
    assert as_(root).post(f"{ADDRESS}{row.pk}/change", {"hard": "5"}).status_code == 302
    assert add(as_(root), span="day", hard="1", by_site="on").status_code == 302
    assert [one.by_site for one in Budget.objects.all()] == [True, True]


def test_approval_limit_is_set_and_taken_away(as_, alice, team):
    client = as_(alice)

    client.post(f"{ADDRESS}approval", {"above": "2.50"})
    assert "Requests over <b>$2.50</b> need a manager's approval." in text_of(client.get(ADDRESS))
    assert client.post(f"{ADDRESS}approval", {"above": "much"}).status_code == 422
    client.post(f"{ADDRESS}approval", {"above": ""})
    assert "Approval is off" in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three_people(as_, alice, team, number, django_assert_num_queries):
    """One limit of the team; who can be limited is read at once."""
    Budget.objects.create(team=team, hard=4)
    for one in range(number):
        make_person(f"Person{one}", team)
    client = as_(alice)
    client.get(ADDRESS)

    with django_assert_num_queries(21):
        client.get(ADDRESS)


# --- her own ------------------------------------------------------------------------------------------------------


def test_person_sees_her_own_limits_first_and_nobody_elses(alice, bob, team):
    Budget.objects.create(team=team, hard=4)
    Budget.objects.create(team=team, person=bob, hard=3)
    Budget.objects.create(team=team, person=alice, hard=2)

    assert [(one.title, one.hard) for one in build_own_limits(bob, team, reviews=False).lines] == [
        ("You · monthly", "$3.00"), ("Harbour team · monthly", "$4.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"soft": "0.01"}, "was spent or reserved this month, above the "),
        ({"hard": "2.1"}, "of your monthly limit ($"),
        ({"hard": "2"}, "None of your monthly limit ($"),
        ({"hard": "4"}, ""),
        ({"soft": "3", "hard": "4"}, ""),
    ],
)
def test_composer_says_quietly_that_a_limit_is_near(as_, bob, team, limit, words):
    rows = order(bob, team, count=2)
    Budget.objects.create(team=team, person=bob, **{name: Decimal(of) * rows[0].estimate for name, of in limit.items()})

    page = as_(bob).get("/t/harbour/").content.decode()

    assert ("composer-note composer-limit" in page) == bool(words)
    assert words in page


def test_composer_speaks_of_a_collections_limit_where_it_orders_into_it(as_, bob, alice, team):
    shelf = collect(alice, team, name="Menus")
    Budget.objects.create(team=team, collection=shelf, hard=0)

    client = as_(bob)
    assert "composer-note composer-limit" not in client.get("/t/harbour/").content.decode()
    assert "the monthly limit of “Menus”" in client.get(f"/t/harbour/?collection={shelf.pk}").content.decode()


# --- what a limit does to orders ----------------------------------------------------------------------------------


def test_refused_order_keeps_its_words_and_says_whom_to_ask(as_, alice, bob, team):
    Budget.objects.create(team=team, person=bob, hard=0)

    page = as_(bob).post("/t/harbour/generations/", {"prompt": "a quiet harbour at dusk", "count": "1"})

    assert page.status_code == 402
    text = page.content.decode()
    assert "a quiet harbour at dusk</textarea>" in text
    assert "none of your monthly limit ($0.00) is left" in text
    assert "An owner (Alice) can raise it." in text


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
    assert "Each person can have 12 pictures in progress." in text_of(client.get(ADDRESS))
    client.post(f"{ADDRESS}quotas", {"in_flight": "12", "per_minute": "6"})
    assert "You can have 12 pictures in progress and generate 6 pictures a minute." in text_of(
        as_(bob).get("/t/harbour/credits/")
    )
    client.post(f"{ADDRESS}quotas", {"in_flight": "", "per_minute": ""})
    page = text_of(client.get(ADDRESS))
    assert "This team has no limit per person. Across all teams, each person can have 200 pictures in progress." in page
    assert "Your limits" not in text_of(as_(bob).get("/t/harbour/credits/"))


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "201", "many", "9" * 500, "٣"])
def test_what_is_no_number_of_pictures_is_refused_at_its_field_and_kept(as_, alice, team, typed):
    page = as_(alice).post(f"{ADDRESS}quotas", {"in_flight": typed, "per_minute": "7"})

    assert page.status_code == 422
    text = text_of(page)
    assert "isn't a whole number from 1 to 200." in text
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
