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


def test_answer_carries_the_providers_headers(emulator):
    answer = generate(emulator)

    assert answer.status == 200
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert re.fullmatch(r"\d+\.\d{1,3}", answer.headers["x-generation-time"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:00", answer.headers["x-rate-limit-reset-at-utc"])
    assert answer.headers["x-rate-limit-remaining"] == "99999"
    assert answer.headers["x-seed-value"] == "7"
    assert answer.headers["x-output-metadata"] == "{'height': 1024, 'width': 1024}"
    assert answer.headers["server"].startswith("nginx")
    assert "retry-after" not in answer.headers


def test_cost_is_generation_time_by_rate(emulator):
    answer = generate(emulator)

    assert Decimal(answer.headers["x-cost"]) == Decimal(answer.headers["x-generation-time"]) * Decimal("0.0015")


@pytest.mark.parametrize("option", SCHEMA["speed_mode"].options, ids=lambda option: option.name)
def test_generation_time_follows_speed_and_area(emulator, option):
    seconds = float(generate(emulator, speed_mode=option.value).headers["x-generation-time"])

    assert seconds == pytest.approx(option.seconds * 1.048576, rel=0.1)


def test_remaining_credits_are_those_before_the_charge(emulator):
    first, second = generate(emulator), generate(emulator)

    assert first.headers["x-remaining-credits"] == "25.0000000000"
    assert Decimal(second.headers["x-remaining-credits"]) == 25 - Decimal(first.headers["x-cost"])


def test_remaining_credits_are_exact_when_toggled(emulator):
    emulator.control.update({"remaining_credits": "after"})

    answer = generate(emulator)

    assert Decimal(answer.headers["x-remaining-credits"]) == 25 - Decimal(answer.headers["x-cost"])


@pytest.mark.parametrize(("toggle", "seen"), [("none", "None"), ("absent", None)])
def test_seed_header_is_none_or_absent_when_toggled(emulator, toggle, seen):
    emulator.control.update({"seed_header": toggle})

    assert generate(emulator).headers.get("x-seed-value") == seen


def test_cost_header_is_absent_when_toggled(emulator):
    emulator.control.update({"cost_header": False})

    assert "x-cost" not in generate(emulator).headers


def test_random_seed_is_drawn_reported_and_recorded(emulator):
    seeds = [int(generate(emulator, seed=-1).headers["x-seed-value"]) for _ in range(2)]

    assert seeds[0] != seeds[1]
    assert [entry.seed for entry in emulator.control.ledger if entry.kind == "CHARGED"] == seeds


def test_ledger_has_one_entry_for_each_step(emulator):
    answer = generate(emulator)

    eventually(lambda: len(emulator.control.ledger) == 3)
    received, charged, delivered = emulator.control.ledger
    assert [received.kind, charged.kind, delivered.kind] == ["RECEIVED", "CHARGED", "DELIVERED"]
    assert {entry.request_id for entry in (received, charged, delivered)} == {answer.headers["x-request-id"]}
    assert {entry.prompt_sha256 for entry in (received, charged)} == {hashlib.sha256(b"two boats").hexdigest()}
    assert charged.cost == Decimal(answer.headers["x-cost"])
    assert charged.balance == emulator.control.balance == 25 - charged.cost
    assert delivered.body_sha256 == hashlib.sha256(answer.body).hexdigest()


def test_equal_calls_are_two_jobs_and_two_charges(emulator):
    first, second = generate(emulator), generate(emulator)

    assert first.body == second.body
    assert kinds(emulator).count("CHARGED") == 2


def test_surrogate_in_the_prompt_does_not_break_the_emulator(emulator):
    assert generate(emulator, prompt='a "\ud800"').status == 200


def test_client_that_leaves_is_charged_all_the_same(emulator):
    emulator.control.behaviour.speed_up = 30

    with pytest.raises(TimeoutError):
        generate(emulator, timeout=0.1)

    eventually(lambda: kinds(emulator) == ["RECEIVED", "CHARGED"])
    time.sleep(0.05)
    assert kinds(emulator) == ["RECEIVED", "CHARGED"]


def test_wait_is_the_generation_time_divided_by_the_speed_up(emulator):
    emulator.control.behaviour.speed_up = 20
    started = time.monotonic()

    answer = generate(emulator)

    expected = (0.2 + float(answer.headers["x-generation-time"])) / 20
    assert expected <= time.monotonic() - started < expected + 9  # ten seconds undivided


def test_cold_boot_is_waited_for_and_not_billed(emulator):
    before = generate(emulator).headers["x-cost"]
    emulator.control.update({"cold_boot_seconds": 3000})
    started = time.monotonic()

    answer = generate(emulator)

    assert time.monotonic() - started > 0.3
    assert answer.headers["x-cost"] == before


def test_reservation_refuses_what_concurrency_cannot_cover_and_is_given_back(emulator):
    emulator.control.update({"balance": "0.02", "speed_up": 5})
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(generate(emulator))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status for answer in answers) == [200, 406, 406]
    assert emulator.control.reserved == 0


def test_reservation_is_given_back_when_the_worker_refuses(emulator):
    generate(emulator, prompt="")

    assert (emulator.control.reserved, emulator.control.balance) == (0, 25)


def test_rate_limit_is_a_window_of_one_utc_minute(emulator):
    # The 30th second of a minute, so that the window does not turn during the test.
    emulator.control.update({"rpm": 2, "clock_offset": 30 - time.time() % 60})

    statuses = [generate(emulator).status for _ in range(3)]
    refused = generate(emulator)
    emulator.control.behaviour.clock_offset += 60

    assert statuses == [200, 200, 429]
    assert "retry-after" not in refused.headers
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert generate(emulator).status == 200


def test_model_with_a_flat_price_costs_its_list_price():
    flat = {**load()}
    flat["flat"] = type(SCHEMA)(**{**vars(SCHEMA), "id": "flat", "slug": "flat", "price_per_second": None})
    with Emulator(flat, keys=KEYS, speed_up=10_000) as emulator:
        answer = generate(emulator, path="/v1/flat")

    assert Decimal(answer.headers["x-cost"]) == SCHEMA.list_price


def test_balance_is_free_and_written_with_a_hyphen(emulator):
    emulator.control.update({"balance": "1.5", "free_credits": "0.0184921035"})

    answer = credits(emulator)

    assert answer.json() == {"credits": 1.5, "free-credits": 0.0184921035}


def test_balance_needs_the_key_and_an_account(emulator):
    refused = credits(emulator, "SG_ffffffffffffffff")
    emulator.control.update({"account_exists": False})

    assert refused.status == 401
    assert (credits(emulator).status, credits(emulator).json()) == (404, {"error": "No credits found for the user"})


@pytest.mark.faults
def test_256_calls_wait_at_the_same_time(emulator):
    # Ten seconds each: a busy machine needs some of them to begin the last one.
    emulator.control.update({"speed_up": 1})
    content, headers = json.dumps(body_of(output_format="jpg")), {"Content-Type": "application/json"}
    host, port = emulator.url.removeprefix("http://").split(":")
    calls = [http.client.HTTPConnection(host, int(port), timeout=60) for _ in range(256)]
    try:
        for call in calls:
            call.request("POST", PATH, content, {**headers, "x-api-key": KEY})
        eventually(lambda: emulator.control.reserved > Decimal("2.5"))
        statuses = [call.getresponse().status for call in calls]
    finally:
        for call in calls:
            call.close()

    assert statuses == [200] * 256
