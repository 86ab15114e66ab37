"""Submit and poll: a job that runs by the clock, its one charge, its documents and its file."""

import hashlib
import re
import threading
import time
from decimal import Decimal

import pytest

from generations.emulator import Emulator
from generations.emulator.job import JobStore
from generations.schema import load
from tests.emulator.calls import SCHEMA, ask, finished, generate, kinds, poll, submit
from tests.eventually import eventually
from tests.key import KEY, KEYS

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HOUR, DAY = 3600, 86_400


def fetch(emulator, url, headers=None):
    return ask(emulator, "GET", url.removeprefix(emulator.url), headers=headers)


def test_submit_is_answered_at_once_with_three_addresses(emulator):
    emulator.control.behaviour.speed_up = 0.1

    answer = submit(emulator)

    document = answer.json()
    number = document["request_id"]
    assert (answer.status, document["status"]) == (200, "QUEUED")
    assert re.fullmatch(UUID, number)
    assert document["poll_url"] == f"{emulator.url}/v1/requests/{number}"
    assert document["status_url"] == f"{emulator.url}/v2/requests/{number}/status"
    assert document["response_url"] == f"{emulator.url}/v2/requests/{number}"
    assert answer.headers["x-request-id"] == number
    assert answer.headers["x-rate-limit-remaining"] == "99999"


def test_job_goes_from_queued_to_processing_to_completed_without_being_asked(emulator):
    emulator.control.update({"speed_up": 20, "queue_seconds": 15})
    addresses = submit(emulator).json()
    seen = []

    def completed():
        seen.append(poll(emulator, addresses["status_url"]).json()["status"])
        return seen[-1] == "COMPLETED"

    eventually(completed)
    assert sorted(set(seen), key=seen.index) == ["QUEUED", "PROCESSING", "COMPLETED"]


def test_job_that_nobody_polls_is_charged_once(emulator):
    submit(emulator)

    eventually(lambda: emulator.control.running == 0)
    assert kinds(emulator) == ["RECEIVED", "CHARGED"]
    assert emulator.control.reserved == 0


def test_poll_of_a_waiting_job_has_no_metrics_and_no_output(emulator):
    emulator.control.update({"speed_up": 1, "queue_seconds": 1_000})
    addresses = submit(emulator).json()

    status, result = poll(emulator, addresses["status_url"]), poll(emulator, addresses["response_url"])

    waiting = {"status": "QUEUED", "request_id": addresses["request_id"], "metrics": {}}
    assert (status.status, status.json()) == (200, waiting)
    assert (result.status, result.json()) == (200, {**waiting, "output": None})


def test_result_names_picture_seed_prompt_and_metrics(emulator):
    addresses = finished(emulator)

    result = poll(emulator, addresses["response_url"]).json()

    number, charged = addresses["request_id"], emulator.control.ledger[1]
    url = f"{emulator.url}/generations/{number}.webp"
    size = len(fetch(emulator, url).body)
    assert result["images"] == [
        {"url": url, "content_type": "image/webp", "file_name": f"{number}.webp", "file_size": size}
    ]
    assert (result["status"], result["error"], result["request_id"]) == ("COMPLETED", None, number)
    assert (result["output"], result["seed"], result["prompt"]) == (url, "7", "two boats")
    metrics = result["metrics"]
    assert Decimal(str(metrics["cost"])) == charged.cost == Decimal(str(metrics["inference_time"])) * Decimal("0.0015")
    assert (metrics["remaining_credits"], metrics["queue_time"]) == (25, 0.2)
    assert metrics["total_time"] == pytest.approx(metrics["inference_time"] + 0.2)


def test_status_is_light_and_the_first_versions_address_answers_too(emulator):
    addresses = finished(emulator)

    status, result = (poll(emulator, addresses[name]).json() for name in ("status_url", "response_url"))

    assert status == {key: result[key] for key in ("status", "error", "request_id", "metrics")}
    assert poll(emulator, addresses["poll_url"]).json() == result


def test_toggles_of_the_headers_hold_for_the_documents(emulator):
    addresses = finished(emulator)
    emulator.control.update({"seed_header": "absent", "cost_header": False, "remaining_credits": "after"})

    result = poll(emulator, addresses["response_url"]).json()

    assert ("seed" in result, "cost" in result["metrics"]) == (False, False)
    assert Decimal(str(result["metrics"]["remaining_credits"])) == emulator.control.balance


def test_picture_is_the_one_that_the_first_version_draws(emulator):
    addresses = finished(emulator)

    url = poll(emulator, addresses["response_url"]).json()["output"]

    assert fetch(emulator, url).body == generate(emulator).body


@pytest.mark.parametrize(("asked", "type"), [("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp")])
def test_file_has_the_format_that_was_asked_for(emulator, asked, type):
    addresses = finished(emulator, output_format=asked)

    answer = fetch(emulator, poll(emulator, addresses["response_url"]).json()["output"])

    assert (answer.headers["content-type"], f"image/{answer.image.format.lower()}") == (type, type)


def test_delivery_is_recorded_when_the_file_went_out_with_its_sha256(emulator):
    addresses = finished(emulator)
    url = poll(emulator, addresses["response_url"]).json()["output"]
    before = kinds(emulator)

    picture = fetch(emulator, url).body

    eventually(lambda: kinds(emulator) == [*before, "DELIVERED"])
    received, charged, delivered = emulator.control.ledger
    assert before == ["RECEIVED", "CHARGED"]
    assert delivered.body_sha256 == hashlib.sha256(picture).hexdigest()
    assert {entry.request_id for entry in (received, charged, delivered)} == {addresses["request_id"]}
    assert {entry.seed for entry in (charged, delivered)} == {7}
    assert {entry.prompt_sha256 for entry in (charged, delivered)} == {hashlib.sha256(b"two boats").hexdigest()}
    assert {entry.version for entry in (received, charged, delivered)} == {"v2"}


def test_file_wants_no_key_and_the_polls_want_one(emulator):
    addresses = finished(emulator)
    url = poll(emulator, addresses["response_url"]).json()["output"]

    assert fetch(emulator, url, {"x-api-key": KEY}).status == 403
    for name in ("status_url", "response_url", "poll_url"):
        assert (fetch(emulator, addresses[name]).status, poll(emulator, addresses[name], "SG_x").status) == (401, 401)


def test_picture_that_was_dropped_from_the_cache_is_drawn_again(emulator):
    addresses = finished(emulator)
    url = poll(emulator, addresses["response_url"]).json()["output"]
    first = fetch(emulator, url).body
    emulator.provider.pictures.put("large", "image/png", bytes(64 * 1024 * 1024))
    emulator.control.update({"drawing": "full"})

    assert emulator.provider.pictures.get(f"{addresses['request_id']}.webp") is None
    assert fetch(emulator, url).body == first


def test_random_seed_is_the_same_in_result_and_ledger(emulator):
    addresses = finished(emulator, seed=-1)

    result = poll(emulator, addresses["response_url"]).json()

    assert result["seed"] == str(emulator.control.ledger[1].seed)
    assert emulator.control.ledger[0].seed is None


def test_record_is_gone_after_an_hour_and_the_file_after_seven_days(emulator):
    addresses = finished(emulator)
    url = poll(emulator, addresses["response_url"]).json()["output"]
    number = addresses["request_id"]

    emulator.control.behaviour.clock_offset = HOUR + 60
    gone = [poll(emulator, addresses[name]) for name in ("status_url", "response_url", "poll_url")]
    kept = fetch(emulator, url).status
    emulator.control.behaviour.clock_offset = 7 * DAY + 60

    assert [answer.status for answer in gone] == [404] * 3
    assert gone[0].json() == gone[1].json() == {"error": f"Request {number} not found"}
    assert gone[2].json() == {"error": f"Output for this request ID {number} Not Found"}
    assert (kept, fetch(emulator, url).status) == (200, 404)


def test_id_that_was_never_given_out_or_belongs_to_the_first_version_is_404(emulator):
    number = generate(emulator).headers["x-request-id"]

    assert poll(emulator, f"/v2/requests/{number}").status == 404
    assert poll(emulator, "/v2/requests/00000000-0000-4000-8000-000000000000/status").status == 404


def test_oldest_jobs_are_forgotten_first(emulator):
    numbers = [finished(emulator)["request_id"] for _ in range(3)]
    few = JobStore(limit=2)
    for number in numbers:
        few.add(emulator.provider.jobs.get(number))

    assert [job.id for job in few.newest_first()] == [numbers[2], numbers[1]]
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
def test_gateway_refuses_at_submit(emulator, path, body, headers, status):
    assert ask(emulator, "POST", path or f"/v2/{SCHEMA.slug}", body, headers).status == status
    assert emulator.control.running == 0


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
def test_account_refuses_at_submit(emulator, toggles, status):
    emulator.control.update(toggles)

    assert submit(emulator).status == status
    assert [entry.status for entry in emulator.control.ledger if entry.kind == "REFUSED"] == [status]


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
def test_body_that_makes_no_sense_is_accepted_and_then_fails_free_of_charge(emulator, changes, text):
    answer = submit(emulator, **changes)
    eventually(lambda: emulator.control.running == 0)

    status, result = (poll(emulator, answer.json()[name]) for name in ("status_url", "response_url"))

    document = result.json()
    assert (answer.status, status.status, result.status) == (200, 422, 422)
    assert status.json() == document
    assert (document["status"], document["request_id"]) == ("FAILED", answer.json()["request_id"])
    assert document["error"].startswith(text)
    assert sorted(document["metrics"]) == ["inference_time", "queue_time", "total_time"]
    assert kinds(emulator) == ["RECEIVED", "REFUSED"]
    assert (emulator.control.ledger[1].status, emulator.control.ledger[1].error) == (422, document["error"])
    assert (emulator.control.balance, emulator.control.reserved) == (25, 0)


def test_value_outside_its_set_is_the_gateways_when_toggled(emulator):
    emulator.control.update({"enum_mismatch_v2": "gateway"})

    assert submit(emulator, resolution="big").status == 406
    assert emulator.control.reserved == 0


def test_reservation_refuses_what_concurrency_cannot_cover(emulator):
    emulator.control.update({"balance": "0.02", "speed_up": 1})

    assert [submit(emulator).status for _ in range(3)] == [200, 406, 406]


def test_thousand_jobs_in_flight_are_few_threads(emulator):
    emulator.control.update({"speed_up": 0.001, "balance": "1000"})
    before = threading.active_count()

    addresses = [submit(emulator, seed=seed + 1).json() for seed in range(1_000)]

    assert emulator.control.running == len({one["request_id"] for one in addresses}) == 1_000
    # The scheduler, the drawing threads, and connections that are just being closed.
    assert threading.active_count() - before < 32


def test_stop_ends_running_jobs_uncharged():
    with Emulator(load(), keys=KEYS, speed_up=50) as emulator:
        emulator.control.update({"drawing": "tiny"})
        submit(emulator)

    time.sleep(0.5)
    assert (emulator.control.spent, kinds(emulator)) == (0, ["RECEIVED"])


def test_charged_job_outlives_a_restart_and_a_running_one_is_lost_uncharged(tmp_path):
    def start(speed_up):
        emulator = Emulator(load(), keys=KEYS, speed_up=speed_up, ledger=tmp_path / "ledger.jsonl")
        emulator.control.update({"drawing": "tiny"})
        return emulator

    with start(10_000) as emulator:
        done, failed = finished(emulator), finished(emulator, prompt="")
        before = poll(emulator, done["response_url"]).json()
        picture = fetch(emulator, before["output"]).body
        emulator.control.update({"speed_up": 0.1})
        lost = submit(emulator).json()

    with start(10_000) as emulator:
        after = poll(emulator, f"/v2/requests/{done['request_id']}").json()
        assert {**after, "output": "", "images": []} == {**before, "output": "", "images": []}
        assert fetch(emulator, after["output"]).body == picture
        assert poll(emulator, f"/v2/requests/{failed['request_id']}").status == 422
        assert poll(emulator, f"/v2/requests/{lost['request_id']}").status == 404
        assert (emulator.control.reserved, emulator.control.running) == (0, 0)
