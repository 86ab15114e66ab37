"""The control plane over HTTP, the free routes, and the ledger that survives a restart."""

import http.client
import json
from decimal import Decimal
from pathlib import Path

import pytest

from generations.emulator import Emulator
from generations.emulator.behaviour import DEFAULTS
from generations.emulator.faults.script import FAULTS, REFUSED
from generations.emulator.images import FileCache
from generations.emulator.requests.base import ROUTES
from generations.schema import load
from tests.emulator.calls import PATH, ask, body_of, control, credits, generate, kinds
from tests.eventually import eventually
from tests.key import KEY, KEYS


def test_put_scripts_faults_and_sets_toggles(emulator):
    answer = control(
        emulator, {"faults": ["500", {"name": "429", "times": 2}], "balance": "3.5", "rpm": 77, "seed_header": "none"}
    )

    assert (answer.status, answer.json()) == (200, {"ok": True})
    assert [generate(emulator).status for _ in range(3)] == [500, 429, 429]
    assert credits(emulator).json()["credits"] == 3.5
    assert emulator.control.behaviour.rpm == 77


def test_get_shows_money_toggles_faults_journal_and_ledger(emulator):
    generate(emulator)
    eventually(lambda: len(emulator.control.ledger) == 3)
    emulator.control.fault("500", times=2)

    state = ask(emulator, "GET", "/__control__").json()

    assert Decimal(state["balance"]) + Decimal(state["spent"]) == 25
    assert [entry["kind"] for entry in state["ledger"]] == ["RECEIVED", "CHARGED", "DELIVERED"]
    assert [(line["method"], line["path"]) for line in state["journal"]] == [("POST", "/v1/hidream-l1-fast")]
    assert state["faults"] == [{"name": "500", "times": 2, "on": None, "options": {}}]
    assert state["behaviour"]["speed_up"] == 10_000


def test_journal_does_not_keep_the_key(emulator):
    generate(emulator)

    assert "SG_" not in ask(emulator, "GET", "/__control__").body.decode()
    assert emulator.control.journal[0].keyed is True
    assert json.loads(emulator.control.journal[0].body)["prompt"] == "two boats"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"speed": 5}, "There is no toggle 'speed'"),
        ({"speed_up": 0}, "speed_up cannot be 0"),
        ({"seed_header": "often"}, "seed_header cannot be 'often'"),
        ({"cost_header": 1}, "cost_header cannot be 1"),
        ({"history_page": 0}, "history_page cannot be 0"),
        ({"history_seconds": -1}, "history_seconds cannot be -1"),
        ({"retired": "all"}, "retired cannot be 'all'"),
        ({"balance": "much"}, "balance cannot be 'much'"),
        ({"balance": "NaN"}, "balance cannot be 'NaN'"),
        ({"faults": [5]}, "A fault is a name"),
        ({"faults": 5}, "A fault is a name"),
        ({"faults": [{"name": "500", "options": [1]}]}, "A fault is a name"),
        ({"faults": [{"name": ["500"]}]}, "There is no fault ['500']"),
        ({"random_faults": {"rate": 2, "faults": ["500"]}}, "The rate is 2"),
        ({"faults": ["no-such"]}, "There is no fault 'no-such'"),
        ([], "Send a JSON object"),
    ],
)
def test_invalid_change_is_400_with_a_sentence(emulator, changes, text):
    answer = control(emulator, changes)

    assert (answer.status, text in answer.json()["error"]) == (400, True)


def test_refused_change_changes_no_toggle(emulator):
    control(emulator, {"rpm": 5, "seed_header": "often"})

    assert emulator.control.behaviour.rpm == 100_000


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/hidream-l1-fast"), ("PUT", "/v1/hidream-l1-fast"), ("POST", "/v1/get-user-credits"),
     ("DELETE", "/__control__"), ("OPTIONS", "/v1/hidream-l1-fast"), ("PATCH", "/v1/x"), ("GET", "/v2/hidream-l1-fast"),
     ("POST", "/v2/requests/a/status"), ("POST", "/inference-request/generations"), ("DELETE", "/v2/requests/a")],
)  # fmt: skip
def test_wrong_verb_is_a_405_page(emulator, method, path):
    answer = ask(emulator, method, path)

    assert (answer.status, answer.headers["content-type"]) == (405, "text/html")
    assert b"405 Method Not Allowed" in answer.body


@pytest.mark.parametrize(
    "path", ["/", "/openapi.json", "/v1", "/v1/a/b", "/v1/../etc", "/v3/x", "/v2/a/b", "/v2/requests/a.b"]
)
def test_unknown_path_is_400(emulator, path):
    assert ask(emulator, "POST", path).status == 400


def test_head_has_no_body(emulator):
    assert ask(emulator, "HEAD", "/v1/get-user-credits").body == b""


@pytest.mark.parametrize("headers", [{"Content-Length": "2000000"}, {"Transfer-Encoding": "chunked"}])
def test_body_of_unknown_or_excessive_length_is_413(emulator, headers):
    assert ask(emulator, "POST", "/v1/hidream-l1-fast", None, headers).status == 413


def test_unknown_file_is_404(emulator):
    assert ask(emulator, "GET", "/generations/none.webp").status == 404


def test_files_over_the_limit_go_in_the_order_in_which_they_were_last_asked_for():
    cache = FileCache(max_bytes=10)
    for name in ("first", "second"):
        cache.put(name, "image/png", b"12345")
    cache.get("first")

    cache.put("third", "image/png", b"12345")

    assert [cache.get(name) is not None for name in ("first", "second", "third")] == [True, False, True]


def test_file_that_is_put_again_counts_once():
    cache = FileCache(max_bytes=10)
    for _ in range(3):
        cache.put("same", "image/png", b"12345")

    cache.put("other", "image/png", b"12345")

    assert cache.get("same") == cache.get("other") == ("image/png", b"12345")


def restarted(path, balance="25"):
    return Emulator(load(), keys=KEYS, speed_up=10_000, balance=Decimal(balance), ledger=path)


def test_ledger_and_balance_survive_a_restart(tmp_path):
    path = tmp_path / "folder" / "ledger.jsonl"
    with restarted(path) as emulator:
        cost = Decimal(generate(emulator).headers["x-cost"])
        eventually(lambda: len(emulator.control.ledger) == 3)
        before = emulator.control.ledger

    with restarted(path, balance="99") as emulator:
        assert emulator.control.ledger == before
        assert (emulator.control.balance, emulator.control.spent) == (25 - cost, cost)


def test_balance_set_by_hand_survives_a_restart(tmp_path):
    with restarted(tmp_path / "ledger.jsonl") as emulator:
        emulator.control.balance = Decimal(4)

    with restarted(tmp_path / "ledger.jsonl") as emulator:
        assert emulator.control.balance == 4


def test_line_that_a_killed_process_left_unfinished_is_cut_off(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with restarted(path) as emulator:
        emulator.control.balance = Decimal(4)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"kind": "CHAR')

    with restarted(path) as emulator:
        assert kinds(emulator) == ["BALANCE"]
        emulator.control.balance = Decimal(5)

    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_every_fault_and_toggle_is_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")

    assert [name for name in [*FAULTS, REFUSED, *DEFAULTS, *ROUTES] if f"`{name}`" not in text] == []
    assert [option for name in FAULTS for option in FAULTS[name].options if f"`{option}`" not in text] == []


def test_stop_ends_waiting_calls_uncharged():
    emulator = Emulator(load(), keys=KEYS, speed_up=0.1).start()
    connection = http.client.HTTPConnection(emulator.url.removeprefix("http://"), timeout=60)
    headers = {"x-api-key": KEY, "Content-Type": "application/json"}
    connection.request("POST", PATH, json.dumps(body_of()), headers)
    eventually(lambda: emulator.control.reserved > 0)

    emulator.stop()

    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()
    eventually(lambda: emulator.control.reserved == 0)
    assert (emulator.control.spent, kinds(emulator)) == (0, ["RECEIVED"])


def test_money_comes_in_and_expires_by_amount(emulator):
    assert control(emulator, {"top_up": "10"}).status == 200
    assert control(emulator, {"expire": "0.5"}).status == 200

    assert emulator.control.balance == Decimal("34.5")
    assert emulator.control.spent == 0
    assert control(emulator, {"expire": "much"}).status == 400


def test_surcharge_is_told_by_balance_and_history_alone(emulator):
    control(emulator, {"surcharge": "0.004"})

    said = Decimal(generate(emulator).headers["x-cost"])

    (row,) = history(emulator)
    assert Decimal(str(row["credits_deduction"])) == 25 - emulator.control.balance == said + Decimal("0.004")
    control(emulator, {"history_loses": [row["request_id"]]})
    assert history(emulator) == []


def history(emulator):
    headers = {"x-api-key": KEY}
    return ask(emulator, "GET", "/inference-request/generations", headers=headers).json()["generations"]
