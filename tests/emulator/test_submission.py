"""Submit and poll: a job that runs by the clock, its one charge, its documents and its file."""

import hashlib
import json
import re
import threading
import time
from decimal import Decimal

import pytest

from generations.emulator import Emulator
from generations.emulator.jobs.runs import Runs
from generations.schema import load
from tests.emulator.calls import SCHEMA, ask, finished, generate, kinds, poll, submit
from tests.eventually import eventually
from tests.key import KEY, KEYS

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HOUR, DAY = 3600, 86_400


def fetch(vendor, url, headers=None):
    return ask(vendor, "GET", url.removeprefix(vendor.url), headers=headers)


def test_submit_is_answered_at_once_with_three_addresses(vendor):
    vendor.control.behaviour.speed_up = 0.1

    answer = submit(vendor)

    document = answer.json()
    number = document["request_id"]
    assert (answer.status, document["status"]) == (200, "QUEUED")
    assert re.fullmatch(UUID, number)
    assert document["poll_url"] == f"{vendor.url}/v1/requests/{number}"
    assert document["status_url"] == f"{vendor.url}/v2/requests/{number}/status"
    assert document["response_url"] == f"{vendor.url}/v2/requests/{number}"
    assert answer.headers["x-request-id"] == number
    assert answer.headers["x-rate-limit-remaining"] == "99999"


def test_job_goes_from_queued_to_processing_to_completed_without_being_asked(vendor):
    vendor.control.update({"speed_up": 20, "queue_seconds": 15})
    addresses = submit(vendor).json()
    seen = []

    def completed():
        seen.append(poll(vendor, addresses["status_url"]).json()["status"])
        return seen[-1] == "COMPLETED"

    eventually(completed)
    assert sorted(set(seen), key=seen.index) == ["QUEUED", "PROCESSING", "COMPLETED"]


def test_job_that_nobody_polls_is_charged_once(vendor):
    submit(vendor)

    eventually(lambda: vendor.control.running == 0)
    assert kinds(vendor) == ["RECEIVED", "CHARGED"]
    assert vendor.control.reserved == 0


def test_poll_of_a_waiting_job_has_no_metrics_and_no_output(vendor):
    vendor.control.update({"speed_up": 1, "queue_seconds": 1_000})
    addresses = submit(vendor).json()

    status, result = poll(vendor, addresses["status_url"]), poll(vendor, addresses["response_url"])

    waiting = {"status": "QUEUED", "request_id": addresses["request_id"], "metrics": {}}
    assert (status.status, status.json()) == (200, waiting)
    assert (result.status, result.json()) == (200, {**waiting, "output": None})


def test_result_names_picture_seed_prompt_and_metrics(vendor):
    addresses = finished(vendor)

    result = poll(vendor, addresses["response_url"]).json()

    number, charged = addresses["request_id"], vendor.control.ledger[1]
    url = f"{vendor.url}/generations/{number}.webp"
    size = len(fetch(vendor, url).body)
    assert result["images"] == [
        {"url": url, "content_type": "image/webp", "file_name": f"{number}.webp", "file_size": size}
    ]
    assert (result["status"], result["error"], result["request_id"]) == ("COMPLETED", None, number)
    assert (result["output"], result["seed"], result["prompt"]) == (url, "7", "two boats")
    metrics = result["metrics"]
    assert Decimal(str(metrics["cost"])) == charged.cost == Decimal(str(metrics["inference_time"])) * Decimal("0.0015")
    assert (metrics["remaining_credits"], metrics["queue_time"]) == (25, 0.2)
    assert metrics["total_time"] == pytest.approx(metrics["inference_time"] + 0.2)


def test_status_is_light_and_the_first_versions_address_answers_too(vendor):
    addresses = finished(vendor)

    status, result = (poll(vendor, addresses[name]).json() for name in ("status_url", "response_url"))

    assert status == {key: result[key] for key in ("status", "error", "request_id", "metrics")}
    assert poll(vendor, addresses["poll_url"]).json() == result


def test_toggles_of_the_headers_hold_for_the_documents(vendor):
    addresses = finished(vendor)
    vendor.control.update({"seed_header": "absent", "cost_header": False, "remaining_credits": "after"})

    result = poll(vendor, addresses["response_url"]).json()

    assert ("seed" in result, "cost" in result["metrics"]) == (False, False)
    assert Decimal(str(result["metrics"]["remaining_credits"])) == vendor.control.balance


def test_picture_is_the_one_that_the_first_version_draws(vendor):
    addresses = finished(vendor)

    url = poll(vendor, addresses["response_url"]).json()["output"]

    assert fetch(vendor, url).body == generate(vendor).body


@pytest.mark.parametrize(("asked", "type"), [("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp")])
def test_file_has_the_format_that_was_asked_for(vendor, asked, type):
    addresses = finished(vendor, output_format=asked)

    answer = fetch(vendor, poll(vendor, addresses["response_url"]).json()["output"])

    assert (answer.headers["content-type"], f"image/{answer.image.format.lower()}") == (type, type)


def test_delivery_is_booked_when_the_file_went_out_with_its_sha256(vendor):
    addresses = finished(vendor)
    url = poll(vendor, addresses["response_url"]).json()["output"]
    before = kinds(vendor)

    picture = fetch(vendor, url).body

    eventually(lambda: kinds(vendor) == [*before, "DELIVERED"])
    received, charged, delivered = vendor.control.ledger
    assert before == ["RECEIVED", "CHARGED"]
    assert delivered.body_sha256 == hashlib.sha256(picture).hexdigest()
    assert {entry.request_id for entry in (received, charged, delivered)} == {addresses["request_id"]}
    assert {entry.seed for entry in (charged, delivered)} == {7}
    assert {entry.prompt_sha256 for entry in (charged, delivered)} == {hashlib.sha256(b"two boats").hexdigest()}
    assert {entry.version for entry in (received, charged, delivered)} == {"v2"}


def test_file_wants_no_key_and_the_polls_want_one(vendor):
    addresses = finished(vendor)
    url = poll(vendor, addresses["response_url"]).json()["output"]

    assert fetch(vendor, url, {"x-api-key": KEY}).status == 403
    for name in ("status_url", "response_url", "poll_url"):
        assert (fetch(vendor, addresses[name]).status, poll(vendor, addresses[name], "SG_x").status) == (401, 401)


def test_picture_that_fell_off_the_shelf_is_drawn_again(vendor):
    addresses = finished(vendor)
    url = poll(vendor, addresses["response_url"]).json()["output"]
    first = fetch(vendor, url).body
    vendor.vendor._drawn.put("large", "image/png", bytes(64 * 1024 * 1024))
    vendor.control.update({"drawing": "full"})

    assert vendor.vendor._drawn.get(f"{addresses['request_id']}.webp") is None
    assert fetch(vendor, url).body == first


def test_random_seed_is_the_same_in_result_and_books(vendor):
    addresses = finished(vendor, seed=-1)

    result = poll(vendor, addresses["response_url"]).json()

    assert result["seed"] == str(vendor.control.ledger[1].seed)
    assert vendor.control.ledger[0].seed is None


def test_record_is_gone_after_an_hour_and_the_file_after_seven_days(vendor):
    addresses = finished(vendor)
    url = poll(vendor, addresses["response_url"]).json()["output"]
    number = addresses["request_id"]

    vendor.control.behaviour.clock_offset = HOUR + 60
    gone = [poll(vendor, addresses[name]) for name in ("status_url", "response_url", "poll_url")]
    kept = fetch(vendor, url).status
    vendor.control.behaviour.clock_offset = 7 * DAY + 60

    assert [answer.status for answer in gone] == [404] * 3
    assert gone[0].json() == gone[1].json() == {"error": f"Request {number} not found"}
    assert gone[2].json() == {"error": f"Output for this request ID {number} Not Found"}
    assert (kept, fetch(vendor, url).status) == (200, 404)


def test_id_that_was_never_given_out_or_belongs_to_the_first_version_is_404(vendor):
    number = generate(vendor).headers["x-request-id"]

    assert poll(vendor, f"/v2/requests/{number}").status == 404
    assert poll(vendor, "/v2/requests/00000000-0000-4000-8000-000000000000/status").status == 404


def test_oldest_runs_are_forgotten_first(vendor):
    numbers = [finished(vendor)["request_id"] for _ in range(3)]
    few = Runs(most=2)
    for number in numbers:
        few.add(vendor.vendor.runs.get(number))

    assert [run.id for run in few.newest_first()] == [numbers[2], numbers[1]]
    assert few.get(numbers[0]) is None


# What the gateway refuses at submit: nothing runs, nothing is listed.
@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        (None, "{}", {"Content-Type": "application/json"}, 401),
        (None, "{}", {"x-api-key": "SG_ffffffffffffffff", "Content-Type": "application/json"}, 401),
        (None, "{}", {"x-api-key": KEY}, 406),
        (None, "{", {"x-api-key": KEY, "Content-Type": "application/json"}, 400),
        ("/v2/no-such", "{}", {"x-api-key": KEY, "Content-Type": "application/json"}, 404),
    ],
)
def test_gateway_refuses_at_submit(vendor, path, body, headers, status):
    assert ask(vendor, "POST", path or f"/v2/{SCHEMA.slug}", body, headers).status == status
    assert vendor.control.running == 0


@pytest.mark.parametrize(
    ("toggles", "status"),
    [
        ({"rpm": 0}, 429),
        ({"balance": "0.001"}, 406),
        ({"balance": "0.001", "insufficient_status": 402}, 402),
        ({"spend_limit": "0.001"}, 406),
        ({"forbidden": [SCHEMA.slug]}, 403),
        ({"retired": [SCHEMA.slug]}, 410),
    ],
)
def test_account_refuses_at_submit(vendor, toggles, status):
    vendor.control.update(toggles)

    assert submit(vendor).status == status
    assert [entry.status for entry in vendor.control.ledger if entry.kind == "REFUSED"] == [status]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"prompt": ""}, "Prompt is Mandatory and must be string"),
        ({"prompt": 5}, "Prompt is Mandatory and must be string"),
        ({"resolution": "1024 x 1024 (Square)"}, "Invalid resolution. Allowed values are"),
        ({"output_quality": 101}, "Traceback (most recent call last)"),
        ({"seed": "abc"}, "Traceback (most recent call last)"),
    ],
)
def test_body_that_makes_no_sense_is_accepted_and_then_fails_free_of_charge(vendor, changes, text):
    answer = submit(vendor, **changes)
    eventually(lambda: vendor.control.running == 0)

    status, result = (poll(vendor, answer.json()[name]) for name in ("status_url", "response_url"))

    document = result.json()
    assert (answer.status, status.status, result.status) == (200, 422, 422)
    assert status.json() == document
    assert (document["status"], document["request_id"]) == ("FAILED", answer.json()["request_id"])
    assert document["error"].startswith(text)
    assert sorted(document["metrics"]) == ["inference_time", "queue_time", "total_time"]
    assert kinds(vendor) == ["RECEIVED", "REFUSED"]
    assert (vendor.control.ledger[1].status, vendor.control.ledger[1].error) == (422, document["error"])
    assert (vendor.control.balance, vendor.control.reserved) == (25, 0)


def test_value_outside_its_set_is_the_gateways_when_toggled(vendor):
    vendor.control.update({"enum_mismatch_v2": "gateway"})

    assert submit(vendor, resolution="big").status == 406
    assert vendor.control.reserved == 0


def test_reservation_refuses_what_concurrency_cannot_cover(vendor):
    vendor.control.update({"balance": "0.02", "speed_up": 1})

    assert [submit(vendor).status for _ in range(3)] == [200, 406, 406]


def test_thousand_jobs_in_flight_are_few_threads(vendor):
    vendor.control.update({"speed_up": 0.001, "balance": "1000"})
    before = threading.active_count()

    addresses = [submit(vendor, seed=seed + 1).json() for seed in range(1_000)]

    assert vendor.control.running == len({one["request_id"] for one in addresses}) == 1_000
    # The schedule, the easels, and connections that are just being closed.
    assert threading.active_count() - before < 32


def test_stop_ends_running_jobs_uncharged():
    with Emulator(load(), keys=KEYS, speed_up=50) as vendor:
        vendor.control.update({"drawing": "plain"})
        submit(vendor)

    time.sleep(0.5)
    assert (vendor.control.spent, kinds(vendor)) == (0, ["RECEIVED"])


def test_charged_job_outlives_a_restart_and_a_running_one_is_lost_uncharged(tmp_path):
    def start(speed_up):
        emulator = Emulator(load(), keys=KEYS, speed_up=speed_up, ledger=tmp_path / "ledger.jsonl")
        emulator.control.update({"drawing": "plain"})
        return emulator

    with start(10_000) as vendor:
        done, failed = finished(vendor), finished(vendor, prompt="")
        before = poll(vendor, done["response_url"]).json()
        picture = fetch(vendor, before["output"]).body
        vendor.control.update({"speed_up": 0.1})
        lost = submit(vendor).json()

    with start(10_000) as vendor:
        after = poll(vendor, f"/v2/requests/{done['request_id']}").json()
        assert {**after, "output": "", "images": []} == {**before, "output": "", "images": []}
        assert fetch(vendor, after["output"]).body == picture
        assert poll(vendor, f"/v2/requests/{failed['request_id']}").status == 422
        assert poll(vendor, f"/v2/requests/{lost['request_id']}").status == 404
        assert (vendor.control.reserved, vendor.control.running) == (0, 0)


def test_ledger_of_an_older_emulator_is_read(tmp_path):
    old = {
        "kind": "CHARGED", "at": 1.0, "request_id": "a", "slug": SCHEMA.slug, "seed": 1, "prompt_sha256": "",
        "status": 200, "cost": "0.01", "balance": "24.99", "body_sha256": "",
    }  # fmt: skip
    lines = [{**old, "kind": "RECEIVED", "cost": "0", "balance": None}, old]
    path = tmp_path / "ledger.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    with Emulator(load(), keys=KEYS, ledger=path) as vendor:
        assert (vendor.control.balance, kinds(vendor)) == (Decimal("24.99"), ["RECEIVED", "CHARGED"])
