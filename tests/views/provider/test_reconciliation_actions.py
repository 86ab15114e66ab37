"""Reconciliation on the provider page: the summary, and the actions of administrators on discrepancies."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages

from generations.models import AuditAction, AuditEvent, DiscrepancyExplanation, Reason, Reconciliation
from generations.views.provider.reconciliation_summary import money, reconciliation_summary
from tests.emulator.calls import generate
from tests.factories import draw, make_person
from tests.pipeline.reconciliation.unknown_attempts import reading

pytestmark = pytest.mark.django_db
PAGE = "/provider/"
DIME = Decimal("0.1")


@pytest.fixture
def root(team):
    user = make_person("Root", team)
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def client(as_, root):
    return as_(root)


@pytest.fixture
def vendor(emulator, settings):
    """Its history holds what other tests have drawn, so that only the balance and this hour are looked at."""
    settings.SEGMIND_HISTORY_LAG = 0
    emulator.control.behaviour.change({"history_loses": [entry.request_id for entry in emulator.control.ledger]})
    reading(str(emulator.control.balance), timedelta(hours=3))
    yield emulator
    emulator.control.behaviour.change({"history_loses": []})


def post(client, address, **fields):
    response = client.post(f"{PAGE}{address}", fields)
    assert (response.status_code, response["Location"]) == (302, f"{PAGE}#reconciliation")
    return [str(message) for message in get_messages(response.wsgi_request)]


def keys(client):
    return [key for one in client.get(PAGE).context["reconciliation"].findings for key in one.keys]


def run():
    return Reconciliation.objects.first()


def test_nothing_was_checked_on_a_fresh_site(client):
    assert reconciliation_summary().answer == ""
    assert "Reconciliation with Segmind" in client.get(PAGE).content.decode()


def test_first_reading_of_a_new_site_has_nothing_to_be_compared_with(client, emulator):
    assert "First balance reading" in post(client, "reconcile")[-1]


def test_button_checks_and_the_panel_says_the_three_figures(client, vendor, alice, team, root):
    row = draw(alice, team)

    assert post(client, "reconcile") == ["Checked: Segmind's figures match."]

    page = client.get(PAGE)
    found = page.context["reconciliation"].agreement
    cost = f"${row.cost:.4f}"
    assert (found.answer, found.checked) == ("Matches", "checked under a minute ago")
    assert dict(found.lines) == {
        "Our ledger": cost,
        "Decrease in Segmind's balance": cost,
        "Segmind's history, 1 row": cost,
        "Explained difference": "$0.0000",
    }
    assert found.unnamed == "$0.0000"
    assert run().by == root
    assert "Nothing to explain." in page.content.decode()


@pytest.mark.parametrize("days", ["7", "31", "0", "x", "99999999999", ""])
def test_any_number_of_days_is_taken_as_far_as_the_history_reaches(client, vendor, days):
    assert "figures match" in post(client, "reconcile", days=days)[-1]


def test_provider_that_cannot_be_asked_is_said(client, vendor):
    vendor.control.fault("401", on="credits")

    assert "couldn't be reached" in post(client, "reconcile")[-1]
    assert run() is None


def test_expired_credits_are_named_and_the_name_is_taken_back(client, vendor, root):
    vendor.control.expire(DIME)
    post(client, "reconcile")
    page = client.get(PAGE)
    assert page.context["reconciliation"].agreement.answer == "Differs"
    assert "$0.1000 is unexplained" in page.content.decode()

    assert post(client, "explain", run=run().id, key=keys(client)) == ["Explained 1 difference."]

    page = client.get(PAGE)
    assert (page.context["reconciliation"].agreement.answer, page.context["reconciliation"].findings) == ("Matches", [])
    (one,) = page.context["reconciliation"].names
    assert (one.label, one.amount, one.by) == ("expired credits", "$0.1000", "Root")
    assert "Enter a reason" in post(client, "revoke-explanation", named=one.id, reason=" ")[-1]
    assert post(client, "revoke-explanation", named=one.id, reason="it was not")[-1].startswith("Explanation undone")
    page = client.get(PAGE)
    assert page.context["reconciliation"].agreement.answer == "Differs"
    assert [(one.reverses, one.taken_back) for one in page.context["reconciliation"].names] == [
        (True, False),
        (False, True),
    ]
    actions = AuditEvent.objects.filter(actor=root).values_list("action", flat=True)
    assert {AuditAction.EXPLAINED_DISCREPANCY, AuditAction.REVOKED_EXPLANATION} <= set(actions)


def test_calls_of_others_are_one_line_with_one_button(client, vendor):
    for seed in (1, 2, 3):
        generate(vendor, seed=seed, prompt="not ours")
    post(client, "reconcile")

    (one,) = client.get(PAGE).context["reconciliation"].findings
    assert (one.title, one.count, len(one.keys)) == ("API key used elsewhere", 3, 3)
    assert {row.words.rpartition(" · ")[2] for row in one.rows} == {"seed 1", "seed 2", "seed 3"}
    assert post(client, "explain", run=run().id, key=one.keys) == ["Explained 3 differences."]
    (named,) = client.get(PAGE).context["reconciliation"].names
    assert (named.count, named.amount) == (3, one.amount)
    post(client, "revoke-explanation", named=named.id, reason="they were ours")
    assert sum(row.amount for row in DiscrepancyExplanation.objects.all()) == 0


def test_other_price_is_booked_and_compared_again(client, vendor, alice, team):
    vendor.control.behaviour.change({"surcharge": "0.005"})
    row = draw(alice, team)
    vendor.control.behaviour.change({"surcharge": "0"})
    post(client, "reconcile")
    (one,) = client.get(PAGE).context["reconciliation"].findings
    assert one.title == "Charged amount differs from the reported price"

    assert post(client, "post-history-row", run=run().id, key=one.keys) == [
        "Corrected 1 charge to the amount in the history."
    ]

    before = row.cost
    row.refresh_from_db()
    assert row.cost == before + Decimal("0.005")
    assert client.get(PAGE).context["reconciliation"].agreement.answer == "Matches"


def test_rest_is_named_with_a_note_and_only_with_the_amount_that_was_seen(client, vendor):
    vendor.control.expire(-DIME)
    vendor.control.fault("500", on="history", times=3)
    post(client, "reconcile")
    seen = client.get(PAGE).context["reconciliation"].agreement.unnamed_exact
    fields = {"run": run().id, "why": Reason.OTHER, "seen": seen, "reason": "the vendor gave it back"}

    assert "Enter a reason" in post(client, "explain-remainder", **fields | {"reason": ""})[-1]
    assert "has changed" in post(client, "explain-remainder", **fields | {"seen": "-0.2"})[-1]
    assert 'value="the vendor gave it back"' in client.get(PAGE).content.decode(), "what was typed stays"
    assert "Choose" in post(client, "explain-remainder", **fields | {"why": "whim"})[-1]
    assert post(client, "explain-remainder", **fields)[-1] == "Remainder explained."
    assert "Everything is explained" in post(client, "explain-remainder", **fields)[-1]
    assert client.get(PAGE).context["reconciliation"].agreement.answer == "Matches"


@pytest.mark.parametrize("key", ["", "expired:nothing", "price:nothing"])
def test_names_are_only_given_to_what_was_found(client, vendor, key):
    vendor.control.expire(DIME)
    post(client, "reconcile")

    for verb in ("explain", "post-history-row"):
        assert "no longer in the reconciliation" in post(client, verb, run=run().id, key=key)[-1]
    assert not DiscrepancyExplanation.objects.exists()


@pytest.mark.parametrize("verb", ["explain", "explain-remainder", "post-history-row", "revoke-explanation"])
@pytest.mark.parametrize("id", ["", "nonsense", "00000000-0000-7000-8000-000000000000"])
def test_what_is_not_there_is_a_404(client, verb, id):
    assert client.post(f"{PAGE}{verb}", {"run": id, "named": id}).status_code == 404


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "$0.0000"), ("0.1", "$0.1000"), ("-10", "−$10.0000"), ("0.00002", "$0.00002"),
        ("-0.0000000001", "−$0.0000000001"), ("1234.5", "$1,234.5000"),
    ],
)  # fmt: skip
def test_small_difference_is_never_shown_as_none(amount, said):
    assert money(Decimal(amount)) == said
