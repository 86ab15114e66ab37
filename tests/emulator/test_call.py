"""A good call: its headers, its time, its one charge."""

import hashlib
import http.client
import json
import re
import threading
import time
from decimal import Decimal

import pytest

from generations.emulator import Emulator
from generations.schema import load
from tests.emulator.calls import PATH, SCHEMA, body_of, credits, generate, kinds
from tests.eventually import eventually
from tests.key import KEY, KEYS


def test_answer_carries_the_vendors_headers(vendor):
    answer = generate(vendor)

    assert answer.status == 200
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert re.fullmatch(r"\d+\.\d{1,3}", answer.headers["x-generation-time"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:00", answer.headers["x-rate-limit-reset-at-utc"])
    assert answer.headers["x-rate-limit-remaining"] == "99999"
    assert answer.headers["x-seed-value"] == "7"
    assert answer.headers["x-output-metadata"] == "{'height': 1024, 'width': 1024}"
    assert answer.headers["server"].startswith("nginx")
    assert "retry-after" not in answer.headers


def test_cost_is_generation_time_by_rate(vendor):
    answer = generate(vendor)

    assert Decimal(answer.headers["x-cost"]) == Decimal(answer.headers["x-generation-time"]) * Decimal("0.0015")


@pytest.mark.parametrize("option", SCHEMA["speed_mode"].options, ids=lambda option: option.name)
def test_generation_time_follows_speed_and_area(vendor, option):
    seconds = float(generate(vendor, speed_mode=option.value).headers["x-generation-time"])

    assert seconds == pytest.approx(option.seconds * 1.048576, rel=0.1)


def test_remaining_credits_are_those_before_the_charge(vendor):
    first, second = generate(vendor), generate(vendor)

    assert first.headers["x-remaining-credits"] == "25.0000000000"
    assert Decimal(second.headers["x-remaining-credits"]) == 25 - Decimal(first.headers["x-cost"])


def test_remaining_credits_are_exact_when_toggled(vendor):
    vendor.control.update({"remaining_credits": "after"})

    answer = generate(vendor)

    assert Decimal(answer.headers["x-remaining-credits"]) == 25 - Decimal(answer.headers["x-cost"])


@pytest.mark.parametrize(("toggle", "seen"), [("none", "None"), ("absent", None)])
def test_seed_header_is_none_or_absent_when_toggled(vendor, toggle, seen):
    vendor.control.update({"seed_header": toggle})

    assert generate(vendor).headers.get("x-seed-value") == seen


def test_cost_header_is_absent_when_toggled(vendor):
    vendor.control.update({"cost_header": False})

    assert "x-cost" not in generate(vendor).headers


def test_random_seed_is_drawn_reported_and_booked(vendor):
    seeds = [int(generate(vendor, seed=-1).headers["x-seed-value"]) for _ in range(2)]

    assert seeds[0] != seeds[1]
    assert [entry.seed for entry in vendor.control.ledger if entry.kind == "CHARGED"] == seeds


def test_books_hold_one_line_for_each_step(vendor):
    answer = generate(vendor)

    eventually(lambda: len(vendor.control.ledger) == 3)
    received, charged, delivered = vendor.control.ledger
    assert [received.kind, charged.kind, delivered.kind] == ["RECEIVED", "CHARGED", "DELIVERED"]
    assert {entry.request_id for entry in (received, charged, delivered)} == {answer.headers["x-request-id"]}
    assert {entry.prompt_sha256 for entry in (received, charged)} == {hashlib.sha256(b"two boats").hexdigest()}
    assert charged.cost == Decimal(answer.headers["x-cost"])
    assert charged.balance == vendor.control.balance == 25 - charged.cost
    assert delivered.body_sha256 == hashlib.sha256(answer.body).hexdigest()


def test_equal_calls_are_two_jobs_and_two_charges(vendor):
    first, second = generate(vendor), generate(vendor)

    assert first.body == second.body
    assert kinds(vendor).count("CHARGED") == 2


def test_surrogate_in_the_prompt_does_not_break_the_emulator(vendor):
    assert generate(vendor, prompt='a "\ud800"').status == 200


def test_client_that_leaves_is_charged_all_the_same(vendor):
    vendor.control.behaviour.speed_up = 30

    with pytest.raises(TimeoutError):
        generate(vendor, timeout=0.1)

    eventually(lambda: kinds(vendor) == ["RECEIVED", "CHARGED"])
    time.sleep(0.05)
    assert kinds(vendor) == ["RECEIVED", "CHARGED"]


def test_wait_is_the_generation_time_divided_by_the_speed_up(vendor):
    vendor.control.behaviour.speed_up = 20
    started = time.monotonic()

    answer = generate(vendor)

    expected = (0.2 + float(answer.headers["x-generation-time"])) / 20
    assert expected <= time.monotonic() - started < expected + 5  # ten seconds undivided


def test_cold_boot_is_waited_for_and_not_billed(vendor):
    before = generate(vendor).headers["x-cost"]
    vendor.control.update({"cold_boot_seconds": 3000})
    started = time.monotonic()

    answer = generate(vendor)

    assert time.monotonic() - started > 0.3
    assert answer.headers["x-cost"] == before


def test_reservation_refuses_what_concurrency_cannot_cover_and_is_given_back(vendor):
    vendor.control.update({"balance": "0.02", "speed_up": 5})
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(generate(vendor))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status for answer in answers) == [200, 406, 406]
    assert vendor.control.reserved == 0


def test_reservation_is_given_back_when_the_worker_refuses(vendor):
    generate(vendor, prompt="")

    assert (vendor.control.reserved, vendor.control.balance) == (0, 25)


def test_rate_limit_is_a_window_of_one_utc_minute(vendor):
    # The 30th second of a minute, so that the window does not turn during the test.
    vendor.control.update({"rpm": 2, "clock_offset": 30 - time.time() % 60})

    statuses = [generate(vendor).status for _ in range(3)]
    refused = generate(vendor)
    vendor.control.behaviour.clock_offset += 60

    assert statuses == [200, 200, 429]
    assert "retry-after" not in refused.headers
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert generate(vendor).status == 200


def test_model_with_a_flat_price_costs_its_list_price():
    flat = {**load()}
    flat["flat"] = type(SCHEMA)(**{**vars(SCHEMA), "id": "flat", "slug": "flat", "price_per_second": None})
    with Emulator(flat, keys=KEYS, speed_up=10_000) as vendor:
        answer = generate(vendor, path="/v1/flat")

    assert Decimal(answer.headers["x-cost"]) == SCHEMA.list_price


def test_balance_is_free_and_written_with_a_hyphen(vendor):
    vendor.control.update({"balance": "1.5", "free_credits": "0.0184921035"})

    answer = credits(vendor)

    assert answer.json() == {"credits": 1.5, "free-credits": 0.0184921035}


def test_balance_needs_the_key_and_an_account(vendor):
    refused = credits(vendor, "SG_ffffffffffffffff")
    vendor.control.update({"account_exists": False})

    assert refused.status == 401
    assert (credits(vendor).status, credits(vendor).json()) == (404, {"error": "No credits found for the user"})


@pytest.mark.faults
def test_256_calls_wait_at_the_same_time(vendor):
    # Ten seconds each: a busy machine needs some of them to begin the last one.
    vendor.control.update({"speed_up": 1})
    content, headers = json.dumps(body_of(output_format="jpg")), {"Content-Type": "application/json"}
    host, port = vendor.url.removeprefix("http://").split(":")
    calls = [http.client.HTTPConnection(host, int(port), timeout=60) for _ in range(256)]
    try:
        for call in calls:
            call.request("POST", PATH, content, {**headers, "x-api-key": KEY})
        eventually(lambda: vendor.control.reserved > Decimal("2.5"))
        statuses = [call.getresponse().status for call in calls]
    finally:
        for call in calls:
            call.close()

    assert statuses == [200] * 256
