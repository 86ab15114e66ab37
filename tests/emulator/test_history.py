"""The provider's list of what was run."""

import time
from datetime import UTC, datetime

import pytest

from generations.emulator import Emulator
from generations.schema import load
from tests.emulator.calls import PATH, SCHEMA, ask, body_of, finished, generate, history, poll, submit
from tests.eventually import eventually
from tests.key import KEYS

GENERATIONS = "/inference-request/generations"
RECENT = "/inference-request/recent-generations"


def today(offset=0):
    return datetime.fromtimestamp(time.time() + offset, UTC).strftime("%Y-%m-%d")


def test_row_of_a_call_tells_cost_seed_and_parameters(emulator):
    answer = generate(emulator)

    (row,) = history(emulator)

    number = answer.headers["x-request-id"]
    assert (row["id"], row["request_id"], row["model_name"]) == (number, number, SCHEMA.slug)
    assert (row["status"], row["prompt"], row["parameters"]) == ("COMPLETED", "two boats", body_of())
    assert row["credits_deduction"] == float(answer.headers["x-cost"])
    assert row["latency_ms"] == round(1000 * (0.2 + float(answer.headers["x-generation-time"])))
    made = datetime.strptime(row["created_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert made.timestamp() == pytest.approx(time.time(), abs=30)
    assert "output" not in row


def test_row_of_a_submitted_job_leads_to_its_picture(emulator):
    addresses = finished(emulator)

    (row,) = history(emulator)

    assert (row["request_id"], row["status"]) == (addresses["request_id"], "COMPLETED")
    assert row["output"] == poll(emulator, addresses["response_url"]).json()["output"]
    emulator.control.behaviour.clock_offset = 8 * 86_400
    assert "output" not in history(emulator)[0]


def test_row_shows_the_seed_that_was_drawn(emulator):
    seed = int(generate(emulator, seed=-1).headers["x-seed-value"])

    assert history(emulator)[0]["parameters"]["seed"] == seed


def test_failed_jobs_are_listed_without_a_cost(emulator):
    generate(emulator, prompt="")
    finished(emulator, prompt="")

    assert [(row["status"], row["credits_deduction"]) for row in history(emulator)] == [("FAILED", 0), ("FAILED", 0)]


def test_running_job_is_processing(emulator):
    emulator.control.update({"speed_up": 0.1})
    submit(emulator)

    (row,) = history(emulator)

    assert (row["status"], row["credits_deduction"], row["latency_ms"]) == ("PROCESSING", 0, None)


def test_what_was_refused_before_the_run_is_not_listed(emulator):
    emulator.control.update({"forbidden": [SCHEMA.slug]})
    refused = [generate(emulator).status, submit(emulator).status]
    emulator.control.update({"forbidden": [], "rpm": 0})
    refused += [generate(emulator).status]
    emulator.control.update({"rpm": 1000, "balance": "0"})
    refused += [generate(emulator).status, ask(emulator, "POST", PATH, "{}").status]

    assert (refused, history(emulator)) == ([403, 403, 429, 406, 401], [])


@pytest.mark.parametrize("send", [generate, submit])
@pytest.mark.parametrize("name", ["500", "500-traceback", "500-empty", "502", "503", "504", "polling-error"])
def test_uncharged_5xx_is_a_failed_row_or_none(emulator, send, name):
    on = "v1" if send is generate else "v2"
    emulator.control.fault(name, on=on)
    send(emulator, seed=1)
    emulator.control.fault(name, on=on, listed=False)
    send(emulator, seed=2)

    assert [(row["status"], row["parameters"]["seed"]) for row in history(emulator)] == [("FAILED", 1)]
    assert (emulator.control.balance, emulator.control.running) == (25, 0)


@pytest.mark.parametrize("send", [generate, submit])
@pytest.mark.parametrize("name", ["500", "502", "polling-error"])
def test_charged_5xx_is_a_completed_row(emulator, send, name):
    emulator.control.fault(name, on="v1" if send is generate else "v2", charge=True)

    answer = send(emulator)

    eventually(lambda: emulator.control.running == 0)
    (row,) = history(emulator)
    assert (answer.status >= 500, row["status"]) == (True, "COMPLETED")
    assert 0 < row["credits_deduction"] == float(emulator.control.spent)


def test_call_that_was_lost_before_anything_was_done_is_not_listed(emulator):
    emulator.control.fault("drop", charge=False)
    with pytest.raises(ConnectionError):
        generate(emulator)

    assert history(emulator) == []


def test_history_lags_behind_the_end_of_a_job(emulator):
    emulator.control.update({"history_seconds": 7200})
    finished(emulator)
    early = history(emulator)

    emulator.control.behaviour.clock_offset = 7201

    assert (early, len(history(emulator))) == ([], 1)


def test_parameters_can_be_missing(emulator):
    emulator.control.update({"history_parameters": False})
    generate(emulator)

    assert "parameters" not in history(emulator)[0]


def test_pages_go_from_the_newest_to_the_oldest(emulator):
    emulator.control.update({"history_page": 2})
    for seed in (1, 2, 3):
        generate(emulator, seed=seed)

    pages = [[row["parameters"]["seed"] for row in history(emulator, f"page={page}")] for page in (1, 2, 3)]

    assert pages == [[3, 2], [1], []]
    assert [row["parameters"]["seed"] for row in history(emulator, path=RECENT)] == [3, 2]


def test_days_are_included_at_both_ends(emulator):
    # Noon of the day, so that it does not turn during the test.
    noon = 43_200 - time.time() % 86_400
    emulator.control.behaviour.clock_offset = noon
    generate(emulator)

    def count(start, end):
        return len(history(emulator, f"start_date={today(noon + start)}&end_date={today(noon + end)}"))

    day = 86_400
    assert (count(0, 0), count(-day, -day), count(day, day), count(-day, day)) == (1, 0, 0, 1)


def test_model_is_asked_for_by_name(emulator):
    generate(emulator)

    queries = [f"model_name={SCHEMA.slug}", "model_name=other", "model_name="]
    assert [len(history(emulator, query)) for query in queries] == [1, 0, 1]
    assert [len(history(emulator, query, RECENT)) for query in queries] == [1, 0, 1]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("page=0", "page is '0'"),
        ("page=two", "page is 'two'"),
        ("start_date=yesterday", "start_date is 'yesterday'"),
        ("end_date=2026-02-30", "end_date is '2026-02-30'"),
    ],
)
def test_query_that_makes_no_sense_is_400_with_a_sentence(emulator, query, text):
    answer = poll(emulator, f"{GENERATIONS}?{query}")

    assert (answer.status, text in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("path", [GENERATIONS, RECENT])
def test_history_needs_the_key_and_can_meet_a_fault(emulator, path):
    emulator.control.fault("503", on="history")

    assert [poll(emulator, path).status, poll(emulator, path, "SG_x").status, poll(emulator, path).status] == [
        503,
        401,
        200,
    ]


def test_history_outlives_a_restart(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    with Emulator(load(), keys=KEYS, speed_up=10_000, ledger=ledger) as emulator:
        generate(emulator, seed=-1)
        generate(emulator, prompt="")
        emulator.control.fault("502")
        generate(emulator, seed=9)
        generate(emulator, resolution="big")
        before = history(emulator)

    with Emulator(load(), keys=KEYS, ledger=ledger) as emulator:
        assert history(emulator) == before
        assert [row["status"] for row in before] == ["FAILED", "FAILED", "COMPLETED"]
