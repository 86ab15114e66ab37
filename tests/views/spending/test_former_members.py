"""In the books a deleted user has a name of their own: on the page, in files, and for days summed before."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generations import ledger
from generations.models import SpendingDay, User, former_name
from generations.queries.spending.review import Period, Scope, keep_rate, spent_by
from generations.queries.spending.statement import statement_of
from tests.factories import make_person
from tests.views.downloads import rows_of
from tests.views.spending.entries import pay

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CHECK = "Provider checks by the site"


@pytest.fixture
def period():
    today = timezone.localdate()
    return Period(today - timedelta(days=9), today)


@pytest.fixture
def gone(team, alice):
    """Return the names of two deleted users, who paid on days that were summed and on one that was not, and a check."""
    people = [make_person(name, team) for name in ("Gerd", "Greta")]
    for person, cost in zip(people, ("0.01", "0.02"), strict=True):
        pay(person, team, cost, days_ago=5, prompt="a secret boat")
        pay(person, team, cost, prompt="a secret boat")
    pay(alice, team, "0.04")
    ledger.roll_up()
    ledger.hold_without_generation(team, Decimal(1), idempotency_key="check", note="check")
    ledger.settle_without_generation(team, Decimal(1), idempotency_key="check", estimated=False, note="check")
    names = [former_name(person.pk) for person in people]
    User.objects.filter(pk__in=[person.pk for person in people]).delete()
    return names


def asked(period):
    return f"from={period.first}&to={period.last}"


def test_page_and_files_say_the_same_names(as_, alice, gone, period):
    client, spent = as_(alice), {gone[0]: "0.0200000000", gone[1]: "0.0400000000", "Alice": "0.0400000000"}
    base = "/t/harbour/credits"

    page = client.get(f"{base}/?by=person&{asked(period)}").content.decode()
    lines = rows_of(client.get(f"{base}/breakdown.csv?by=person&{asked(period)}").getvalue())
    entries = rows_of(client.get(f"{base}/entries.csv?{asked(period)}").getvalue())
    focus = client.get(f"{base}/focus.csv?{asked(period)}").getvalue().decode()

    assert all(name in page for name in [*gone, CHECK])
    assert {line["person"]: line["spent_usd"] for line in lines} == {**spent, CHECK: "1.0000000000"}
    assert {line["person"] for line in entries} == {*spent, ""}
    tags = [json.loads(line["Tags"]).get("person") for line in csv.DictReader(io.StringIO(focus, newline=""))]
    assert set(tags) == {*spent, None}
    assert not [text for text in (page, str(lines), str(entries), focus) if "Gerd" in text or "greta" in text]


def test_line_leads_to_the_entries_behind_it(as_, alice, gone, period):
    number = gone[0].rpartition(" ")[2]

    page = as_(alice).get(f"/t/harbour/credits/entries/?by=person&key={number}&{asked(period)}")

    assert f"Person: {gone[0]}" in page.content.decode()
    assert [one.picture.author for one in page.context["entries"]] == [gone[0]] * 2


def test_keep_rate_and_statement_tell_them_apart(team, gone, period):
    numbers = {name.rpartition(" ")[2] for name in gone}

    assert numbers < {line.key for line in keep_rate(Scope(team), period, "person")}
    assert set(gone) < {line["name"] for line in statement_of(team, period)["by"]["person"]}


def test_days_summed_again_agree(team, gone, period):
    before = spent_by(Scope(team), period, "person")
    ledger.rebuild()

    assert SpendingDay.objects.filter(former_author__isnull=False).count() == 2
    assert spent_by(Scope(team), period, "person") == before


def test_number_of_a_user_of_another_team_names_nobody(as_, alice, charlie, gone, period):
    page = as_(alice).get(f"/t/harbour/credits/entries/?by=person&key={charlie.pk}&{asked(period)}").content.decode()

    assert former_name(charlie.pk) not in page
