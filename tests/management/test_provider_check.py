"""`manage.py provider_check`: free but for one call that was asked for, and its exit code tells."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from generations import ledger, schema
from generations.management.provider_check import checker, expectations
from generations.models import Budget, LedgerEntry, Team
from generations.pipeline import balance_readings
from generations.pipeline.circuit_breaker import probes
from generations.pipeline.worker.fulfil import configured_provider
from generations.providers import Answer, PastCall
from generations.providers.transport import HttpReply
from tests.key import KEY
from tests.providers.loopback.hostile import free_port
from tests.providers.loopback.routes import Routes, as_json


@pytest.fixture(params=["v1", "v2"])
def version(request, settings):
    settings.SEGMIND_API_VERSION = request.param
    return request.param


@pytest.fixture(autouse=True)
def _impatient(monkeypatch, large_pictures):
    monkeypatch.setattr(checker, "MAX_WAIT_SECONDS", 0.3)
    monkeypatch.setattr(checker, "POLL_SECONDS", 0.05)


class Result:
    """What was printed, the exit code, and the table's marks by what was expected."""

    def __init__(self, *arguments):
        out, self.code, self.complaint = io.StringIO(), 0, ""
        try:
            call_command("provider_check", *arguments, stdout=out)
        except CommandError as error:
            self.code, self.complaint = error.returncode, str(error)
        self.text = out.getvalue()
        cells = [[cell.strip() for cell in line.split(" | ")] for line in self.text.splitlines() if " | " in line]
        self.marks = {row[0]: row[2] for row in cells[1:] if len(row) == 3 and row[2]}

    @property
    def differing(self):
        return [expected for expected, mark in self.marks.items() if mark == "differs"]


def paid(emulator, before):
    return [entry for entry in emulator.control.journal[before:] if entry.method == "POST"]


def test_check_is_free_and_finds_all_as_expected(emulator, version):
    calls, balance = len(emulator.control.journal), emulator.control.balance
    result = Result()

    assert (result.code, result.differing) == (0, [])
    assert result.text.startswith(
        "SEGMIND_API_KEY is empty: this checks an emulator and says nothing about Segmind.\n"
        f"Asking {emulator.url} (API {version}, history at {emulator.url}).\n"
    )
    assert (paid(emulator, calls), emulator.control.balance) == ([], balance)


def test_check_with_spend_prints_the_price_and_pays_once(emulator, version):
    calls, balance = len(emulator.control.journal), emulator.control.balance
    result = Result("--spend")

    assert (result.code, result.differing) == (0, [])
    assert "its list price is $0.0152." in result.text
    assert len(paid(emulator, calls)) == 1
    charges = [entry for entry in emulator.control.ledger if entry.kind == "CHARGED"]
    assert balance - emulator.control.balance == charges[-1].cost > 0
    assert result.marks["the history has the call by its request id"] == "ok"


def test_paid_call_is_the_cheapest_there_is():
    call = checker.cheapest_call(schema.get())

    assert (call.request.body["resolution"], call.size) == ("1168 \u00d7 880 (Landscape)", (1168, 880))
    assert call.request.body["speed_mode"] == "Extra Juiced \U0001f680 (even more speed)"
    assert (call.request.body["seed"], call.format) == (call.seed, "webp")


@pytest.mark.django_db
def test_paid_call_is_posted_for_the_team_that_pays(emulator, team, settings):
    settings.EMULATED = False
    result = Result("--spend", "--team", team.slug)

    assert result.code == 0
    charges = [entry for entry in emulator.control.ledger if entry.kind == "CHARGED"]
    booked = list(LedgerEntry.objects.order_by("id").values_list("kind", "team", "estimated"))
    assert booked == [("hold", team.pk, True), ("charge", team.pk, False), ("release", team.pk, True)]
    assert LedgerEntry.objects.get(kind="charge").amount == -charges[-1].cost
    assert ledger.held(team) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("cost_header", [True, False])
def test_balance_agrees_with_the_ledger_after_a_paid_call(emulator, version, team, settings, cost_header):
    settings.EMULATED = False
    before = probes.read_balance(configured_provider())
    emulator.control.update({"cost_header": cost_header})
    try:
        Result("--spend", "--team", team.slug)
    finally:
        emulator.control.update({"cost_header": True})
    after = probes.read_balance(configured_provider())

    found = balance_readings.latest()
    charge = LedgerEntry.objects.get(kind="charge")
    assert found.balance_decrease == before.total - after.total > 0
    assert (found.booked, found.estimated, found.unknown_count) == (-charge.amount, charge.estimated, 0)
    assert charge.estimated or found.difference == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "booked"), [("drop", True), ("400", False)])
def test_paid_call_that_fails_is_charged_as_what_may_be_owed(emulator, team, settings, fault, booked):
    settings.EMULATED = False
    emulator.control.fault(fault)

    assert Result("--spend", "--team", team.slug).code == 2

    charge = LedgerEntry.objects.get(kind="charge")
    assert (charge.amount < 0, charge.estimated, ledger.held(team)) == (booked, booked, 0)


@pytest.mark.django_db
def test_paid_call_beyond_the_teams_limit_is_not_made(emulator, team, settings):
    settings.EMULATED = False
    Budget.objects.create(team=team, hard=Decimal("0.01"))
    calls = len(emulator.control.journal)
    result = Result("--spend", "--team", team.slug)

    assert result.code == 2
    assert "The check could not run. This request needs about $0.0152" in result.complaint
    assert (paid(emulator, calls), LedgerEntry.objects.count()) == ([], 0)


@pytest.mark.django_db
def test_paid_call_needs_a_team_that_pays(emulator, team, settings):
    settings.EMULATED = False
    calls = len(emulator.control.journal)
    result = Result("--spend")

    assert result.code == 2
    assert "A team has to pay for the call: name one with --team." in result.complaint
    assert paid(emulator, calls) == []


@pytest.mark.django_db
def test_team_of_the_demo_does_not_pay(emulator, team, settings):
    settings.EMULATED = False
    Team.objects.create(name="Demo", slug="demo", demo=True)
    calls = len(emulator.control.journal)
    result = Result("--spend", "--team", "demo")

    assert result.code == 2
    assert f"There is no team 'demo'; there are: {team.slug}." in result.complaint
    assert (paid(emulator, calls), LedgerEntry.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("toggles", "differing"),
    [
        ({"seed_header": "none"}, ["x-seed-value is the seed we sent"]),
        ({"seed_header": "absent"}, ["x-seed-value is the seed we sent"]),
        ({"remaining_credits": "after"}, ["remaining credits are those before the charge"]),
        (
            {"cost_header": False},
            [
                "x-cost is a number",
                "the price is generation time \u00d7 $0.0015",
                "the balance falls by the price",
                "there it has its price",
            ],
        ),
    ],
)
def test_differences_are_shown_by_row_and_exit_code(emulator, toggles, differing):
    emulator.control.update(toggles)
    try:
        result = Result("--spend")
    finally:
        emulator.control.update({"seed_header": "number", "remaining_credits": "before", "cost_header": True})

    assert (result.code, result.differing) == (1, differing)
    assert result.complaint.startswith(f"{len(differing)} of ")


def test_call_that_is_not_in_the_history_yet_is_no_difference(emulator, version):
    emulator.control.update({"history_seconds": 3600})
    try:
        result = Result("--spend")
    finally:
        emulator.control.update({"history_seconds": 0})

    assert result.code == 0
    assert "lists are up to two hours late" in result.text


@pytest.mark.parametrize(("fault", "words"), [("500", "The provider failed"), ("drop", "It may have been charged")])
def test_paid_call_that_fails_is_not_made_again(emulator, version, fault, words):
    calls = len(emulator.control.journal)
    emulator.control.fault(fault, on=version)
    result = Result("--spend")

    assert result.code == 2
    assert len(paid(emulator, calls)) == 1
    assert "the key is accepted" in result.marks


@pytest.mark.django_db
def test_key_that_is_refused_ends_it_before_anything_is_paid(emulator, team, settings):
    settings.SEGMIND_API_KEY, settings.EMULATED = "SG_fedcba9876543210", False
    calls = len(emulator.control.journal)
    result = Result("--spend", "--team", team.slug)

    assert (result.code, result.marks, paid(emulator, calls)) == (2, {}, [])
    assert result.complaint.startswith("The check could not run. The provider rejected this site's API key")
    assert result.text == f"Asking {emulator.url} (API v1, history at {emulator.url}).\n"


def test_unreachable_provider_is_reported(settings):
    settings.SEGMIND_API_KEY, settings.EMULATED = KEY, False
    settings.SEGMIND_BASE_URL = f"http://127.0.0.1:{free_port()}"
    result = Result()

    assert result.code == 2
    assert "the connection was refused" in result.complaint


@pytest.mark.parametrize(("name", "value"), [("SEGMIND_BASE_URL", "http://x.test"), ("SEGMIND_API_KEY", "a b")])
def test_setting_that_cannot_work_is_reported(settings, name, value):
    settings.EMULATED = False
    setattr(settings, name, value)
    result = Result()

    assert result.code == 2
    assert result.complaint.startswith("The check could not run. The ")


def test_emulator_is_started_when_there_is_no_key_and_none_runs(settings):
    settings.SEGMIND_API_KEY, settings.EMULATED = "", True
    settings.SEGMIND_BASE_URL = f"http://127.0.0.1:{free_port()}"

    assert (Result().code, Result("--spend").code) == (0, 0)


def test_history_that_cannot_be_read_is_a_difference(emulator):
    emulator.control.fault("404", on="history")
    result = Result()

    assert (result.code, result.differing) == (1, ["the history can be read"])


def test_answer_with_the_key_in_it_is_not_printed(settings):
    settings.SEGMIND_API_KEY, settings.EMULATED = "hunter2-hunter2", False
    rows = {"generations": [{"hunter2-hunter2": 1, "\x1b[31m": 2}]}
    routes = {"/v1/get-user-credits": as_json({"credits": 1}), "/inference-request/generations": as_json(rows)}
    with Routes(routes) as server:
        settings.SEGMIND_BASE_URL = server.url
        result = Result()

    assert result.code == 1
    assert "hunter2" not in result.text
    assert "\x1b" not in result.text


NOW = datetime(2026, 9, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "matches"), [(0, True), (5, True), (-5, True), (7, False), (-7, False), (3600, False)]
)
def test_clocks_are_compared(seconds, matches):
    date = (NOW - timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    result = expectations.check_clock(HttpReply(200, {"date": date}, b""), NOW)

    assert (result.received, result.matches) == (f"{seconds:+} s", matches)


def test_missing_date_header_is_no_difference():
    assert expectations.check_clock(HttpReply(200, {}, b""), NOW).matches is None


def test_key_of_every_row_counts():
    row = dict.fromkeys(expectations.ROW_KEYS, "")
    result = expectations.check_history_rows([row, {**row, "more": 1}])  # type: ignore[list-item]
    short = expectations.check_history_rows([row, {"status": ""}])  # type: ignore[list-item]

    assert (result.matches, short.matches) == (True, False)
    assert short.received.startswith("no request_id, credits_deduction")


def test_address_in_the_answer_to_a_submit_that_is_not_ours_differs():
    body = (
        b'{"request_id": "r1", "status_url": "https://x.test/v3/r1", "response_url": "https://x.test/v2/requests/r1"}'
    )
    results = {result.expected: result.matches for result in expectations.check_submission(HttpReply(202, {}, body))}

    assert list(results.values()) == [False, False, False, True]


def test_price_beside_the_rate_differs():
    model = schema.get()
    fair, dear = (
        Answer(b"", "", cost, None, "", seconds, None)
        for cost, seconds in (
            (model.list_price, model.list_price / model.price_per_second),
            (model.list_price * 2, model.list_price / model.price_per_second),
        )
    )

    assert (expectations.check_price(fair, model).matches, expectations.check_price(dear, model).matches) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("found", "matches"), [("2c7f59ea-13f1-402c-9353-915a2b5a2124", True), ("708b82f9bf47e90a83b501bc747faf6e", False)]
)
def test_shape_of_a_request_id_belongs_to_the_version(found, matches):
    assert expectations.check_request_id("v2", found).matches is matches
    assert expectations.check_request_id("v1", found).matches is not matches


LISTED = PastCall(
    request_id="2c7f59ea13f1402c9353915a2b5a2124", model="", finished=True, failed=False, cost=Decimal("0.01"), seed=7,
    prompt="", at=None, output="",
)  # fmt: skip
ANSWER = Answer(b"", "", Decimal("0.01"), None, "2c7f59ea-13f1-402c-9353-915a2b5a2124", None, None)


def test_call_under_an_id_of_another_form_is_found_and_differs():
    other = replace(LISTED, request_id="r1", seed=8)
    first, *more = expectations.check_history_entry([other, LISTED], ANSWER, 7, 0)

    assert (first.received, first.matches) == ("2c7f59ea13f1402c9353915a2b5a2124 after 0 s", False)
    assert [result.matches for result in more] == [True, True, True, False]


def test_call_without_an_id_is_found_by_its_seed():
    first, *_ = expectations.check_history_entry([replace(LISTED, request_id="")], ANSWER, 7, 0)

    assert (first.received, first.matches) == ("no id after 0 s", False)


def test_call_of_another_seed_and_id_is_not_ours():
    assert expectations.find_call([replace(LISTED, request_id="r1")], ANSWER, 8) is None
