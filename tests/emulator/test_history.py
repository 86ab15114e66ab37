"""The vendor's list of what was run."""

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


def test_row_of_a_call_tells_cost_seed_and_parameters(vendor):
    answer = generate(vendor)

    (row,) = history(vendor)

    number = answer.headers["x-request-id"]
    assert (row["id"], row["request_id"], row["model_name"]) == (number, number, SCHEMA.slug)
    assert (row["status"], row["prompt"], row["parameters"]) == ("COMPLETED", "two boats", body_of())
    assert row["credits_deduction"] == float(answer.headers["x-cost"])
    assert row["latency_ms"] == round(1000 * (0.2 + float(answer.headers["x-generation-time"])))
    made = datetime.strptime(row["created_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert made.timestamp() == pytest.approx(time.time(), abs=30)
    assert "output" not in row


def test_row_of_a_submitted_job_leads_to_its_picture(vendor):
    addresses = finished(vendor)

    (row,) = history(vendor)

    assert (row["request_id"], row["status"]) == (addresses["request_id"], "COMPLETED")
    assert row["output"] == poll(vendor, addresses["response_url"]).json()["output"]
    vendor.control.behaviour.clock_offset = 8 * 86_400
    assert "output" not in history(vendor)[0]


def test_row_shows_the_seed_that_was_drawn(vendor):
    seed = int(generate(vendor, seed=-1).headers["x-seed-value"])

    assert history(vendor)[0]["parameters"]["seed"] == seed


def test_failed_jobs_are_listed_without_a_cost(vendor):
    generate(vendor, prompt="")
    finished(vendor, prompt="")

    assert [(row["status"], row["credits_deduction"]) for row in history(vendor)] == [("FAILED", 0), ("FAILED", 0)]


def test_running_job_is_processing(vendor):
    vendor.control.update({"speed_up": 0.1})
    submit(vendor)

    (row,) = history(vendor)

    assert (row["status"], row["credits_deduction"], row["latency_ms"]) == ("PROCESSING", 0, None)


def test_what_was_refused_before_the_run_is_not_listed(vendor):
    vendor.control.update({"forbidden": [SCHEMA.slug]})
    refused = [generate(vendor).status, submit(vendor).status]
    vendor.control.update({"forbidden": [], "rpm": 0})
    refused += [generate(vendor).status]
    vendor.control.update({"rpm": 1000, "balance": "0"})
    refused += [generate(vendor).status, ask(vendor, "POST", PATH, "{}").status]

    assert (refused, history(vendor)) == ([403, 403, 429, 406, 401], [])


@pytest.mark.parametrize("send", [generate, submit])
@pytest.mark.parametrize("name", ["500", "500-traceback", "500-empty", "502", "503", "504", "polling-error"])
def test_uncharged_5xx_is_a_failed_row_or_none(vendor, send, name):
    on = "v1" if send is generate else "v2"
    vendor.control.fault(name, on=on)
    send(vendor, seed=1)
    vendor.control.fault(name, on=on, listed=False)
    send(vendor, seed=2)

    assert [(row["status"], row["parameters"]["seed"]) for row in history(vendor)] == [("FAILED", 1)]
    assert (vendor.control.balance, vendor.control.running) == (25, 0)


@pytest.mark.parametrize("send", [generate, submit])
@pytest.mark.parametrize("name", ["500", "502", "polling-error"])
def test_charged_5xx_is_a_completed_row(vendor, send, name):
    vendor.control.fault(name, on="v1" if send is generate else "v2", charge=True)

    answer = send(vendor)

    eventually(lambda: vendor.control.running == 0)
    (row,) = history(vendor)
    assert (answer.status >= 500, row["status"]) == (True, "COMPLETED")
    assert 0 < row["credits_deduction"] == float(vendor.control.spent)


def test_call_that_was_lost_before_anything_was_done_is_not_listed(vendor):
    vendor.control.fault("drop", charge=False)
    with pytest.raises(ConnectionError):
        generate(vendor)

    assert history(vendor) == []


def test_history_lags_behind_the_end_of_a_job(vendor):
    vendor.control.update({"history_seconds": 7200})
    finished(vendor)
    early = history(vendor)

    vendor.control.behaviour.clock_offset = 7201

    assert (early, len(history(vendor))) == ([], 1)


def test_parameters_can_be_missing(vendor):
    vendor.control.update({"history_parameters": False})
    generate(vendor)

    assert "parameters" not in history(vendor)[0]


def test_pages_go_from_the_newest_to_the_oldest(vendor):
    vendor.control.update({"history_page": 2})
    for seed in (1, 2, 3):
        generate(vendor, seed=seed)

    pages = [[row["parameters"]["seed"] for row in history(vendor, f"page={page}")] for page in (1, 2, 3)]

    assert pages == [[3, 2], [1], []]
    assert [row["parameters"]["seed"] for row in history(vendor, path=RECENT)] == [3, 2]


def test_days_are_included_at_both_ends(vendor):
    # Noon of the day, so that it does not turn during the test.
    noon = 43_200 - time.time() % 86_400
    vendor.control.behaviour.clock_offset = noon
    generate(vendor)

    def count(start, end):
        return len(history(vendor, f"start_date={today(noon + start)}&end_date={today(noon + end)}"))

    day = 86_400
    assert (count(0, 0), count(-day, -day), count(day, day), count(-day, day)) == (1, 0, 0, 1)


def test_model_is_asked_for_by_name(vendor):
    generate(vendor)

    queries = [f"model_name={SCHEMA.slug}", "model_name=other", "model_name="]
    assert [len(history(vendor, query)) for query in queries] == [1, 0, 1]
    assert [len(history(vendor, query, RECENT)) for query in queries] == [1, 0, 1]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("page=0", "page is '0'"),
        ("page=two", "page is 'two'"),
        ("start_date=yesterday", "start_date is 'yesterday'"),
        ("end_date=2026-02-30", "end_date is '2026-02-30'"),
    ],
)
def test_query_that_makes_no_sense_is_400_with_a_sentence(vendor, query, text):
    answer = poll(vendor, f"{GENERATIONS}?{query}")

    assert (answer.status, text in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("path", [GENERATIONS, RECENT])
def test_history_needs_the_key_and_can_meet_a_fault(vendor, path):
    vendor.control.fault("503", on="history")

    assert [poll(vendor, path).status, poll(vendor, path, "SG_x").status, poll(vendor, path).status] == [503, 401, 200]


def test_history_outlives_a_restart(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    with Emulator(load(), keys=KEYS, speed_up=10_000, ledger=ledger) as vendor:
        generate(vendor, seed=-1)
        generate(vendor, prompt="")
        vendor.control.fault("502")
        generate(vendor, seed=9)
        generate(vendor, resolution="big")
        before = history(vendor)

    with Emulator(load(), keys=KEYS, ledger=ledger) as vendor:
        assert history(vendor) == before
        assert [row["status"] for row in before] == ["FAILED", "FAILED", "COMPLETED"]
