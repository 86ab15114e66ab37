"""The credits page: the same figure on every page and in every file, and each user sees only what they may."""

import csv
import html
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from generations import ledger
from generations.models import Budget, Favourite, Generation, Membership, Role, Span, State, Team, User, Visibility
from generations.queries.spending.review import DIMENSIONS, Period, Scope, entries, sum_of_entries
from generations.services.collections import collections
from generations.services.gallery import tags
from generations.services.orders.approvals import submit_or_request_approval
from generations.services.orders.submit import GenerationRequest, submit
from generations.services.spending.exports import FOCUS_COLUMNS
from tests.factories import clean_values, make_person, make_team
from tests.queries.spending.histories import History
from tests.views.downloads import name_of, rows_of
from tests.views.spending.entries import correct, pay

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PAGE = "/t/harbour/credits/"
FIRST = datetime(2026, 10, 20, tzinfo=UTC)
# The columns that version 1.2 of FOCUS calls mandatory.
MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart",
    "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit",
    "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
}  # fmt: skip
WHOLE = "from=2026-10-20&to=2026-11-10"


@pytest.fixture
def moira(team):
    return make_person("Moira", team, Role.MANAGER)


def page(client, query="", rest=""):
    response = client.get(f"{PAGE}{rest}?{query}")
    assert response.status_code == 200
    return response


def dollars_of(text):
    """Return the amount in a page's text as a number."""
    return Decimal(text.replace("−", "-").replace("≈", "").replace("$", "").replace(",", "").strip())


def file_of(response):
    return rows_of(response.getvalue())


def figure(response, label):
    return next(one for one in response.context["numbers"] if one.label.startswith(label))


def links(response):
    """Return the addresses of entries that the breakdown links to, with the figures of the links."""
    return [(row.url, row.spent) for row in response.context["breakdown"].rows if row.url]


# What each role sees


def test_manager_sees_what_everybody_spent(as_, moira, alice, bob, team):
    pay(alice, team, "0.01")
    pay(bob, team, "0.02")

    found = page(as_(moira))

    assert figure(found, "Spent").exact == "$0.0300"
    assert [(row.name, row.spent) for row in found.context["breakdown"].rows] == [
        ("Bob", "$0.0200"), ("Alice", "$0.0100"),
    ]  # fmt: skip


@pytest.mark.parametrize("rest", ["", "entries/", "keep-rate/", "entries.csv", "breakdown.csv", "focus.csv"])
def test_member_sees_only_what_she_ordered_herself(as_, alice, bob, team, rest):
    hers = pay(alice, team, "0.0123", prompt="wordsofalice")
    pay(bob, team, "0.0456", prompt="wordsofbob")
    text = page(as_(bob), "by=person", rest).getvalue().decode()

    assert ("wordsofalice" in text, "0.0123" in text, str(hers.id) in text, "Alice" in text) == (False,) * 4
    assert "0.0456" in text


def test_page_tells_a_manager_that_it_is_about_everybody(as_, moira, team):
    text = " ".join(page(as_(moira)).content.decode().split())

    assert "All members of <bdi>Harbour" in text
    assert "Your spending in" not in text


def test_page_says_that_it_is_her_own(as_, bob, team):
    text = page(as_(bob)).content.decode()

    assert "This is your own spending. Managers and owners see the whole team's." in text
    assert "Provider balance" not in text


def test_private_pictures_are_behind_a_managers_figures_too(as_, moira, bob, team):
    row = pay(bob, team, "0.02", prompt="a secret boat")
    Generation.objects.filter(id=row.id).update(visibility=Visibility.PRIVATE)

    assert [one.picture.words for one in page(as_(moira), rest="entries/").context["entries"]] == ["a secret boat"]


def test_words_of_what_is_being_drawn_again_show_to_their_author_only(as_, moira, bob, team):
    pay(bob, team, "0.02", prompt="a boat of tomorrow", state=State.QUEUED)

    words = [page(as_(who), rest="entries/").context["entries"][0].picture.words for who in (moira, bob)]

    assert words == ["You can see the prompt when the picture is done", "a boat of tomorrow"]


# Periods


def test_month_is_shown_and_days_outside_are_not(as_, alice, team):
    now = timezone.now()
    first, _ = ledger.month_of(now)
    pay(alice, team, "0.01", at=first)
    pay(alice, team, "0.02", at=first - timedelta(milliseconds=1))
    before = (first - timedelta(days=1)).strftime("%Y-%m")

    values = [figure(page(as_(alice), query), "Spent").exact for query in ("", f"month={before}")]

    assert values == ["$0.0100", "$0.0200"]


@pytest.mark.parametrize(("query", "value"), [("when=day", "$0.0100"), ("when=week", "$0.0300")])
def test_last_days_are_shown(as_, alice, team, query, value):
    pay(alice, team, "0.01")
    pay(alice, team, "0.02", days_ago=6)
    pay(alice, team, "0.04", days_ago=7)

    assert figure(page(as_(alice), query), "Spent").exact == value


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-02-30&to=2026-03-01", "“2026-02-30” isn't a date."),
        ("from=2026-03-02&to=2026-03-01", "1 Mar 2026 is before 2 Mar 2026. Swap the dates."),
        ("from=2024-01-01&to=2026-03-01", "1 Jan 2024 to 1 Mar 2026 is 791 days; the maximum is 400."),
    ],
)
def test_wrong_days_are_told_and_kept(as_, alice, query, sentence):
    text = html.unescape(page(as_(alice), query).content.decode())

    assert sentence in text
    assert re.search(rf'name="from" value="{query[5:15]}"', text)


def test_running_month_is_compared_with_as_many_days_of_the_last_one(as_, alice, team):
    first, _ = ledger.month_of(timezone.now())
    earlier = ledger.month_of(first - timedelta(days=1))[0]
    pay(alice, team, "0.015", at=first)
    pay(alice, team, "0.010", at=earlier)

    (change,) = [one for one in figure(page(as_(alice)), "Spent").notes if one.startswith("▲ 50% vs. ")]
    assert change.removeprefix("▲ 50% vs. ") in {"the same period last month", f"{earlier:%B}"}


def test_growth_to_a_multiple_is_a_factor(as_, alice, team):
    first, _ = ledger.month_of(timezone.now())
    pay(alice, team, "0.11", at=first)
    pay(alice, team, "0.01", at=ledger.month_of(first - timedelta(days=1))[0])

    assert any(one.startswith("11× ") for one in figure(page(as_(alice)), "Spent").notes)


def test_sum_below_a_cent_is_not_nothing(as_, alice, team):
    pay(alice, team, "0.0042")

    assert (figure(page(as_(alice)), "Spent").value, figure(page(as_(alice)), "Failed").value) == ("$0.0042", "$0.00")


def test_zone_and_its_distance_are_said(as_, alice, settings):
    settings.TIME_ZONE = "Asia/Kolkata"

    assert "Times in Asia/Kolkata (UTC+05:30)" in page(as_(alice)).content.decode()


# The five figures


def test_failed_but_charged_leads_to_its_pictures(as_, alice, team):
    pay(alice, team, "0.01")
    pay(alice, team, "0.03", state=State.FAILED, prompt="came to nothing")
    client = as_(alice)

    failed = figure(page(client), "Failed")
    behind = client.get(failed.url)

    assert (failed.value, failed.exact, failed.notes) == ("$0.03", "$0.0300", ["1 paid picture"])
    assert (behind.context["spent"], [one.picture.words for one in behind.context["entries"]]) == (
        "$0.03", ["came to nothing"]
    )  # fmt: skip


def test_estimates_are_said_to_be_estimates(as_, alice, team):
    pay(alice, team, "0.01", estimated=True)
    client = as_(alice)

    assert "≈ $0.01 of it is estimated" in figure(page(client), "Spent").notes
    assert page(client, rest="entries/").context["entries"][0].amount == "≈ $0.0100"


def test_forecast_stands_against_the_budget_and_the_chart_has_its_pace(as_, alice, team):
    Budget.objects.create(team=team, hard=30, by_site=True)
    Budget.objects.create(team=team, hard=900, span=Span.DAY)
    pay(alice, team, "0.01", at=datetime(2026, 9, 3, tzinfo=UTC))

    found = page(as_(alice), "month=2026-09")

    assert "Limit: $30.00 per month" in figure(found, "Forecast").notes
    assert found.context["chart"].note == "Limit spread evenly: $1.0000 per day"
    assert '<line class="chart-pace"' in found.content.decode()


def test_what_is_left_of_the_limit_counts_what_is_spent_and_reserved(as_, alice, team):
    Budget.objects.create(team=team, hard=2, by_site=True)
    pay(alice, team, "0.50")
    submit(actor=alice, team=team, order=GenerationRequest(clean_values(), count=4))
    held = ledger.held(team)

    now, earlier = (figure(page(as_(alice), query), "Spent").limit for query in ("", "month=2026-09"))

    assert held > 0
    assert (now.left, now.most, now.tone) == (f"${Decimal('1.50') - held:.2f}", "$2.00", "good")
    assert now.filled == int((Decimal("0.50") + held) * 50)
    assert earlier is None


def test_tabs_say_what_waits(as_, alice, bob, team):
    client = as_(alice)
    tabs = page(client).content.decode().partition('class="page-tabs"')[2].partition("</nav>")[0]
    assert "badge" not in tabs

    team.approval_above = Decimal(0)
    team.save()
    submit_or_request_approval(actor=bob, team=team, order=GenerationRequest(clean_values(), count=4))

    tabs = page(client).content.decode().partition('class="page-tabs"')[2].partition("</nav>")[0]
    assert re.search(r'tab-badge"[^>]*>1</span>', tabs)


def test_without_a_budget_there_is_no_pace(as_, alice):
    found = page(as_(alice))

    assert ("No limit set" in figure(found, "Forecast").notes, "chart-pace" in found.content.decode()) == (
        True, False
    )  # fmt: skip


# One figure for one thing


@pytest.fixture
def life(team):
    history = History(team, 5, first=FIRST, last=FIRST + timedelta(days=21))
    history.live(70)
    return history


@pytest.mark.parametrize("by", DIMENSIONS)
def test_page_entries_file_and_ledger_say_the_same(as_, moira, team, life, by):
    client = as_(moira)
    period = Period(date(2026, 10, 20), date(2026, 11, 10))
    whole = sum_of_entries(entries(Scope(team), period))
    shown = page(client, f"{WHOLE}&by={by}")
    lines = file_of(page(client, f"{WHOLE}&by={by}", "breakdown.csv"))

    assert figure(shown, "Spent").value == f"${whole:,.2f}"
    assert dollars_of(figure(shown, "Spent").exact) == whole
    assert shown.context["breakdown"].spent == f"${whole:,.4f}"
    assert sum(Decimal(line["spent_usd"]) for line in lines) == whole
    assert sum(Decimal(line["amount_usd"]) for line in file_of(page(client, WHOLE, "entries.csv"))) == whole
    for url, said in links(shown):
        behind = client.get(url)
        listed = file_of(client.get(behind.context["file_url"]))
        assert round(dollars_of(behind.context["exact"]), 4) == dollars_of(said)
        assert round(sum(Decimal(line["amount_usd"]) for line in listed), 4) == dollars_of(said)


def test_entries_have_pages_that_leave_nothing_out(as_, moira, team, life, monkeypatch):
    monkeypatch.setattr("generations.views.spending.ledger_entries.PAGE_SIZE", 4)
    client = as_(moira)
    shown, url, seen = page(client, WHOLE, "entries/"), "?", 0
    while url:
        seen += len(shown.context["entries"])
        url = shown.context["older_url"]
        shown = client.get(url) if url else shown

    assert seen == entries(Scope(team), Period(date(2026, 10, 20), date(2026, 11, 10))).count() > 8


def test_line_that_does_not_exist_has_nothing_behind_it(as_, alice, team):
    pay(alice, team, "0.01")
    unknown = {"person": ["9" * 20, "٣", "-1"], "day": ["yesterday"], "collection": ["x"], "outcome": ["y"],
               "tag": ["none"]}  # fmt: skip
    for query in (f"by={by}&key={key}" for by, keys in unknown.items() for key in keys):
        assert page(as_(alice), query, "entries/").context["spent"] == "$0.00"


def test_what_stands_in_two_lines_is_taken_back_in_a_third(as_, alice, team):
    row = pay(alice, team, "0.01")
    pay(alice, team, "0.02")
    for name in ("North", "South"):
        collections.add(
            actor=alice, collection=collections.create(actor=alice, team=team, name=name), generations=[row]
        )
    tags.add(actor=alice, team=team, words=["sea"], generations=[row])

    lines = [(one.name, one.spent) for one in page(as_(alice), "by=collection").context["breakdown"].rows]

    assert sorted(lines) == [
        ("In several collections (counted once)", "−$0.0100"), ("North", "$0.0100"),
        ("Not in a collection", "$0.0200"), ("South", "$0.0100"),
    ]  # fmt: skip


def in_centre(team, person, cost, cost_centre, **more):
    """Pay for a picture while the team has this cost centre."""
    team.cost_centre = cost_centre
    team.save()
    return pay(person, team, cost, **more)


def test_cost_centres_are_lines_as_they_were_when_the_pictures_were_ordered(as_, alice, team):
    in_centre(team, alice, "0.01", "4711")
    in_centre(team, alice, "0.02", "4711 a")
    in_centre(team, alice, "0.04", "")
    in_centre(team, alice, "0.08", "4711", state=State.FAILED)
    Team.objects.update(cost_centre="0815")
    client = as_(alice)

    rows = page(client, "by=cost_centre").context["breakdown"].rows
    lines = file_of(page(client, "by=cost_centre", "breakdown.csv"))

    assert [(one.name, one.spent, one.aside) for one in rows] == [
        ("4711", "$0.0900", False), ("No cost centre", "$0.0400", True), ("4711 a", "$0.0200", False),
    ]  # fmt: skip
    assert [(one["cost_centre"], one["spent_usd"]) for one in lines] == [
        ("4711", "0.0900000000"), ("No cost centre", "0.0400000000"), ("4711 a", "0.0200000000"),
    ]  # fmt: skip
    assert [client.get(one.url).context["spent"] for one in rows] == ["$0.09", "$0.04", "$0.02"]


def test_family_leads_to_its_pictures_in_the_gallery_too(as_, alice, team):
    pay(alice, team, "0.01", prompt="a sign that says “Open”")
    pay(alice, team, "0.02", prompt="a sign that says “Closed”")
    pay(alice, team, "0.04", prompt="hills")
    client = as_(alice)
    (url, _), *_ = [one for one in links(page(client, "by=prompt_group")) if one[1] == "$0.0300"]

    gallery = client.get(client.get(url).context["gallery_url"])

    assert (gallery.context["feed"].count_text, gallery.context["feed"].cost_text) == ("2 pictures", "$0.03")


@pytest.mark.parametrize("by", DIMENSIONS)
def test_page_costs_the_same_for_a_little_and_for_much(as_, moira, alice, bob, team, by, django_assert_max_num_queries):
    client = as_(moira)
    page(client)  # fills the caches that last some seconds
    counts = []
    for _ in range(2):
        for person in (alice, bob):
            pay(person, team, "0.01", prompt="one idea")
            pay(person, team, "0.01", prompt="another", resolution="1360x768")
        with django_assert_max_num_queries(60) as asked:
            page(client, f"by={by}")
        counts.append(len(asked))

    assert counts[0] == counts[1]


# Keep rate


def test_worth_is_shown_to_the_person_first_and_people_stand_by_name(as_, moira, alice, bob, team):
    kept = pay(bob, team, "0.03")
    pay(bob, team, "0.01")
    pay(alice, team, "0.02")
    Favourite.objects.create(user=alice, generation=kept)

    found = page(as_(moira), rest="keep-rate/")

    assert [(one.label, one.figures is None) for one in found.context["cards"]] == [
        ("Your pictures", True), ("All pictures in Harbour team", False),
    ]  # fmt: skip
    assert [(row.name, row.figures.per_cent, row.figures.per_kept) for row in found.context["rows"]] == [
        ("Alice", "0%", "—"), ("Bob", "50%", "$0.0400"),
    ]  # fmt: skip


def test_member_is_told_her_own_worth_by_idea(as_, alice, bob, team):
    pay(bob, team, "0.03", prompt="hills")
    pay(alice, team, "0.02", prompt="a boat")

    found = page(as_(bob), rest="keep-rate/")

    assert [one.label for one in found.context["cards"]] == ["Your pictures"]
    assert [row.name for row in found.context["rows"]] == ["hills …"]


# Files


def test_texts_in_files_are_never_calculated_and_figures_are_exact(as_, alice, team):
    pay(alice, team, "0.0123456789", prompt='=HYPERLINK("http://evil.test")')
    row = pay(alice, team, "0.02", estimated=True)
    correct(row, "0.0199999999")

    lines = file_of(page(as_(alice), rest="entries.csv"))

    assert [(one["kind"], one["amount_usd"], one["is_estimate"]) for one in lines] == [
        ("charge", "0.0123456789", "no"), ("charge", "0.0200000000", "yes"), ("adjust", "-0.0000000001", "no"),
    ]  # fmt: skip
    assert lines[0]["prompt"].startswith("'=HYPERLINK")


def named(client, rest, **query):
    return name_of(page(client, f"{WHOLE}&{urlencode(query)}", rest))


DAYS = "2026-10-20 to 2026-11-10.csv"


def test_names_of_files_say_whose_what_and_when(as_, alice, bob, team):
    client = as_(alice)

    assert named(client, "entries.csv") == f"harbour credits entries {DAYS}"
    assert named(client, "focus.csv") == f"harbour credits focus {DAYS}"
    assert named(client, "breakdown.csv", by="person") == f"harbour credits by person {DAYS}"
    assert named(client, "breakdown.csv", by="prompt_group") == f"harbour credits by prompt {DAYS}"
    assert named(client, "breakdown.csv", by="cost_centre") == f"harbour credits by cost-centre {DAYS}"
    assert named(as_(bob), "entries.csv") == f"harbour own credits entries {DAYS}"


def test_names_of_files_say_the_line_they_are_about(as_, alice, team):
    shelf = collections.create(actor=alice, team=team, name="Menus: summer & autumn")
    harbour = collections.create(actor=alice, team=team, name="港")
    pay(alice, team, "0.01")
    lines = {
        "person-alice": {"by": "person", "key": alice.pk},
        "person-none": {"by": "person", "key": ""},
        "collection-menus-summer-autumn": {"by": "collection", "key": shelf.id},
        "collection-港": {"by": "collection", "key": harbour.id},
        "outcome-failed-but-charged": {"by": "outcome", "key": "failed"},
        "day-2026-11-03": {"by": "day", "key": "2026-11-03"},
        "size-square": {"by": "size", "key": "square"},
        "tag-none": {"by": "tag", "key": "?!"},
        "prompt-a-boat": {"by": "prompt_group", "key": "a boat"},
        "cost-centre-4711-menus": {"by": "cost_centre", "key": "4711 / Menus"},
    }

    found = {line: named(as_(alice), "entries.csv", **query) for line, query in lines.items()}

    assert found == {line: f"harbour credits entries {line} {DAYS}" for line in lines}


def test_person_of_another_team_is_not_named_by_her_number(as_, alice, charlie, team):
    query = {"by": "person", "key": charlie.pk}

    assert "Charlie" not in page(as_(alice), urlencode(query), "entries/").content.decode()
    assert named(as_(alice), "entries.csv", **query) == f"harbour credits entries person-{charlie.pk} {DAYS}"


def test_person_who_has_left_the_team_is_named(as_, alice, bob, team):
    pay(bob, team, "0.01")
    Membership.objects.filter(user=bob).delete()

    assert "Person: Bob" in page(as_(alice), f"by=person&key={bob.pk}", "entries/").content.decode()


@pytest.mark.parametrize("name", ["", "bob.secret@example.test"])
def test_names_of_files_hold_nothing_of_an_address(as_, alice, bob, team, name):
    User.objects.filter(pk=bob.pk).update(name=name, email="bob.secret@example.test")

    assert (
        named(as_(alice), "entries.csv", by="person", key=bob.pk) == f"harbour credits entries person-{bob.pk} {DAYS}"
    )


@pytest.mark.parametrize("by", ["collection", "cost_centre", "tag", "prompt_group", "size", "person", "day", "outcome"])
@pytest.mark.parametrize(
    "evil", ["a\r\nX-Evil: 1", '"; filename=evil.exe', "../../etc/passwd", "\u202egpj.exe", "x" * 300, "\x7f\x1b[0m"]
)
def test_names_of_files_are_only_names(as_, alice, team, by, evil):
    response = page(as_(alice), f"{WHOLE}&{urlencode({'by': by, 'key': evil})}", "entries.csv")

    assert "X-Evil" not in response.headers
    assert re.fullmatch(r"harbour credits entries [a-z-]+-[\w-]{1,60} " + re.escape(DAYS), name_of(response))


def test_focus_has_a_row_for_each_charge_and_each_adjustment(as_, alice, team):
    now = timezone.now()
    begins, ends = ledger.month_of(now)
    row = pay(alice, team, "0.02", at=begins - timedelta(hours=1), estimated=True)
    correct(row, "0.015", at=begins)
    pay(alice, team, "0.01", at=begins + timedelta(seconds=1), collection=None)

    # Without the mark: a program that does not know it would read another name of the first column.
    lines = list(csv.DictReader(io.StringIO(page(as_(alice), rest="focus.csv").getvalue().decode(), newline="")))

    assert list(lines[0]) == FOCUS_COLUMNS
    assert not MANDATORY - set(FOCUS_COLUMNS)
    empty = {name for one in lines for name in MANDATORY if not one[name]}
    assert empty <= {"ChargeClass", "PricingQuantity", "PricingUnit"}  # FOCUS allows null in these
    assert [(one["ChargeCategory"], one["ChargeClass"], one["BilledCost"]) for one in lines] == [
        ("Adjustment", "Correction", "-0.0050000000"), ("Usage", "", "0.0100000000"),
    ]  # fmt: skip
    assert {(one["BillingCurrency"], one["BillingPeriodStart"]) for one in lines} == {
        ("USD", f"{begins.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    }
    for one in lines:
        start, end = one["ChargePeriodStart"], one["ChargePeriodEnd"]
        assert one["BillingPeriodStart"] <= start < end <= one["BillingPeriodEnd"] == f"{ends:%Y-%m-%dT%H:%M:%SZ}"


def test_cost_centre_is_a_column_of_the_entries_and_a_tag_of_focus(as_, alice, team):
    row = in_centre(team, alice, "0.02", "=4711 “Menus”", estimated=True)
    in_centre(team, alice, "0.01", "")
    correct(row, "0.015")
    cause = {"idempotency_key": "check:1", "note": "check"}
    ledger.hold_without_generation(team, Decimal("0.01"), **cause)
    ledger.settle_without_generation(team, Decimal("0.01"), estimated=False, **cause)
    client = as_(alice)

    lines = file_of(page(client, rest="entries.csv"))
    charges = list(csv.DictReader(io.StringIO(page(client, rest="focus.csv").getvalue().decode(), newline="")))

    assert [one["cost_centre"] for one in lines] == ["'=4711 “Menus”", "", "'=4711 “Menus”", ""]
    assert [json.loads(one["Tags"]).get("cost_centre") for one in charges] == [
        "=4711 “Menus”",
        None,
        "=4711 “Menus”",
        None,
    ]
    assert [one["BilledCost"] for one in charges] == ["0.0200000000", "0.0100000000", "-0.0050000000", "0.0100000000"]


# All teams


def test_teams_stand_side_by_side_and_add_up(as_, alice, team):
    root = make_person("Root")
    root.is_superuser = root.is_staff = True
    root.save()
    Membership.objects.create(user=root, team=team, role=Role.VIEWER)
    island = make_team("Island", "island")
    pay(alice, team, "0.01")
    pay(make_person("Ines", island), island, "0.03")
    Budget.objects.create(team=island, hard=5)

    found = as_(root).get("/credits/").context

    assert [(one.name, one.spent, one.per_cent, one.budget) for one in found["rows"]] == [
        ("Harbour team", "$0.0100", "25%", "—"), ("Island", "$0.0300", "75%", "$5.00"),
    ]  # fmt: skip
    assert found["total"] == "$0.0400"
    assert [one.url for one in found["rows"]] == [PAGE, f"/admin/generations/team/{island.pk}/change/"]


def test_held_of_all_teams_is_what_each_holds(as_, alice, bob, team):
    root = make_person("Root")
    root.is_superuser = True
    root.save()
    with ledger.backdated_entries(timezone.now()):
        pay(alice, team, "0.01", state=State.QUEUED)
    (row,) = as_(root).get("/credits/").context["rows"]

    assert dollars_of(row.held) == round(ledger.held(team), 4)
