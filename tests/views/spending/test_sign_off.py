"""The page of a month that is over, the list of them, and the file."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations.models import Attempt, AttemptState, Membership, Role, SignOff
from generations.models.ids import uuid7
from generations.queries.spending.review import month_around
from tests.services.spending.test_sign_off import COST, drawn
from tests.views.downloads import rows_of

pytestmark = pytest.mark.django_db
LIST = "/t/harbour/credits/sign-offs/"


@pytest.fixture
def month():
    return month_around(timezone.localdate().replace(day=1) - timedelta(days=32))


@pytest.fixture
def picture(alice, team, month):
    return drawn(alice, team, month.since + timedelta(days=3))


@pytest.fixture
def address(month):
    return f"/t/harbour/credits/sign-off/{month.first:%Y-%m}/"


def text_of(response):
    return " ".join(response.content.decode().split())


def test_month_is_looked_at_signed_and_listed(as_, alice, month, address, picture):
    client = as_(alice)
    page = text_of(client.get(address))
    assert f"Sign off {month.first:%B %Y}" in page
    assert f'title="${COST}">$0.01<' in page
    assert "Not signed off yet" in text_of(client.get(LIST))

    assert client.post(address, {"note": "Agrees with\nthe <invoice>."}).url == address

    page = text_of(client.get(address))
    assert 'By <b dir="auto">Alice</b> on' in page
    assert "Agrees with<br>the &lt;invoice&gt;." in page
    assert 'name="note"' not in page
    assert "Signed off by <bdi>Alice</bdi> on" in text_of(client.get(LIST))


def test_tab_says_that_the_last_month_is_open_until_it_is_signed(as_, alice, team, picture):
    client = as_(alice)
    last = month_around(timezone.localdate().replace(day=1) - timedelta(days=1))
    assert f"· {last.first:%B} open" in text_of(client.get(LIST))

    SignOff.objects.create(
        team=team, month=last.first, signed_by=alice, until=uuid7(), spent=0, entries=0, statement={}
    )
    assert f"· {last.first:%B} open" not in text_of(client.get("/t/harbour/credits/"))


def test_second_signature_is_refused_with_who_was_first(as_, alice, bob, team, address, picture):
    Membership.objects.filter(user=bob).update(role=Role.MANAGER)
    as_(alice).post(address)

    page = as_(bob).post(address, {"note": "mine"})

    assert page.status_code == 409
    assert 'By <b dir="auto">Alice</b> on' in text_of(page)
    assert SignOff.objects.get().note == ""


def test_credits_of_a_signed_month_say_so_and_no_other_period_does(as_, alice, bob, month, address, picture):
    as_(alice).post(address)
    credits = "/t/harbour/credits/"
    exactly, shorter = (f"{credits}?from={month.first}&to={last}" for last in (month.last, month.first))

    line = f'Signed off by <bdi>Alice</bdi> on {timezone.localdate():%-d %b %Y}. <a href="{address}">'
    for asked in (f"{credits}?month={month.first:%Y-%m}", exactly):
        assert line in text_of(as_(alice).get(asked))
        assert "Signed off by" not in text_of(as_(bob).get(asked))
    for asked in (credits, shorter):
        assert "Signed off by" not in text_of(as_(alice).get(asked))


def test_month_that_goes_on_is_shown_and_not_signed(as_, alice, team):
    here = f"/t/harbour/credits/sign-off/{timezone.localdate():%Y-%m}/"
    client = as_(alice)

    assert "t over yet. You can sign it off from 1 " in text_of(client.get(here))
    page = client.post(here, {"note": "too early"})
    assert page.status_code == 409
    assert not SignOff.objects.exists()


def test_doubts_are_said_and_accepted_by_a_tick(as_, alice, address, picture):
    Attempt.objects.update(state=AttemptState.UNKNOWN, cost=None)
    client = as_(alice)
    assert "Sign off anyway" in text_of(client.get(address))

    refused = client.post(address, {"note": "typed before"})
    assert refused.status_code == 409
    assert "typed before</textarea>" in refused.content.decode()
    assert client.post(address, {"note": "typed before", "despite_doubts": "on"}).status_code == 302
    assert SignOff.objects.get().note == "typed before"


def test_file_has_what_was_signed(as_, alice, month, address, picture):
    client = as_(alice)
    assert client.get(f"{address}csv").status_code == 404
    client.post(address, {"note": "Agrees with\nthe invoice."})

    response = client.get(f"{address}csv")

    assert f'filename="harbour-{month.first:%Y-%m}-signed.csv"' in response["Content-Disposition"]
    rows = rows_of(response.getvalue())
    (whole,) = [row for row in rows if row["breakdown"] == "all"]
    assert (Decimal(whole["spent_usd"]), whole["signed_by"]) == (COST, "Alice")
    assert whole["note"] == SignOff.objects.get().note


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "1999-01", "words", "2026-00"], indirect=False)
def test_what_is_no_month_is_not_there(as_, alice, team, month):
    assert as_(alice).get(f"/t/harbour/credits/sign-off/{month}/").status_code == 404


def test_list_of_a_young_team_says_that_no_month_is_over(as_, alice, team):
    assert "No past months yet" in text_of(as_(alice).get(LIST))


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_one_and_three(as_, alice, team, number, django_assert_num_queries):
    client = as_(alice)
    months = [month_around(timezone.localdate().replace(day=1) - timedelta(days=1))]
    for _ in range(number):
        months.append(month_around(months[-1].first - timedelta(days=1)))
        drawn(alice, team, months[-1].since)
    for one in months[1:]:
        client.post(f"/t/harbour/credits/sign-off/{one.first:%Y-%m}/")
    client.get(LIST)

    with django_assert_num_queries(16):
        assert text_of(client.get(LIST)).count("Signed off by <bdi>Alice</bdi>") == number
