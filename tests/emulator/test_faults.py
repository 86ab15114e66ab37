"""Every fault by its name: what the client sees, and what the provider's ledger says."""

import base64
import http.client
import json
import socket
import threading
import time
from datetime import UTC, datetime

import pytest
from PIL import ImageStat, UnidentifiedImageError

from generations.emulator.faults.script import FAULTS
from tests.emulator.calls import PATH, ask, body_of, credits, generate, kinds
from tests.eventually import eventually
from tests.key import KEY

FREE = ["RECEIVED", "REFUSED"]
# name: status, a part of the body. All of them free.
REFUSALS = {
    "400": (400, b"Allowed values are"),
    "401-missing": (401, b"Missing Authorization"),
    "401": (401, b"Unauthorized."),
    "402": (402, b"credits"),
    "403": (403, b"private"),
    "404": (404, b"not found"),
    "405": (405, b"<html>"),
    "406-content-type": (406, b"Invalid content type"),
    "406-credits": (406, b"Insufficient credits"),
    "406-value": (406, b"Allowed values are"),
    "406-spend-limit": (406, b"spend limit"),
    "410": (410, b"retired"),
    "422": (422, b"content_policy_violation"),
    "429": (429, b"rate_limit_exceeded"),
    "429-no-header": (429, b"rate_limit_exceeded"),
    "429-past": (429, b"rate_limit_exceeded"),
    "500": (500, b'{\n  "error"'),
    "500-traceback": (500, b"Traceback (most recent call last)"),
    "500-empty": (500, b""),
    "502": (502, b"<title>502 Bad Gateway</title>"),
    "503": (503, b"<html>"),
    "504": (504, b"<html>"),
    "polling-error": (500, b"Internal Polling Error"),
    "redirect": (302, b""),
}
BODY_FAULTS = {name for name in FAULTS if "v1" in FAULTS[name].routes} - set(REFUSALS)


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_answers_once_and_costs_nothing(emulator, name):
    emulator.control.fault(name)

    answer = generate(emulator)

    status, part = REFUSALS[name]
    assert (answer.status, part in answer.body) == (status, True)
    assert kinds(emulator) == FREE
    assert generate(emulator).status == 200


@pytest.mark.parametrize("name", ["500", "500-traceback", "500-empty", "502", "503", "504", "polling-error"])
def test_ambiguous_failure_can_be_charged(emulator, name):
    emulator.control.fault(name, charge=True)

    answer = generate(emulator)

    assert answer.status == REFUSALS[name][0]
    assert kinds(emulator) == ["RECEIVED", "CHARGED"]


@pytest.mark.parametrize(("name", "after"), [("429", 30), ("429-past", -3600)])
def test_rate_limit_fault_says_when_the_window_ends(emulator, name, after):
    emulator.control.fault(name, **({"seconds": 30} if after > 0 else {}))

    text = generate(emulator).headers["x-rate-limit-reset-at-utc"]

    reset = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert reset.timestamp() == pytest.approx(time.time() + after, abs=3)


def test_rate_limit_fault_can_be_silent_about_it(emulator):
    emulator.control.fault("429-no-header")

    assert "x-rate-limit-reset-at-utc" not in generate(emulator).headers


def test_gateway_page_comes_after_its_delay(emulator):
    emulator.control.behaviour.speed_up = 100
    emulator.control.fault("502", after=20.0)
    started = time.monotonic()

    generate(emulator)

    assert 0.2 <= time.monotonic() - started < 10


def test_hang_is_charged_and_never_answers(emulator):
    emulator.control.fault("hang")

    with pytest.raises(TimeoutError):
        generate(emulator, timeout=0.3)

    assert kinds(emulator) == ["RECEIVED", "CHARGED"]


@pytest.mark.parametrize(
    ("options", "error"), [({}, http.client.RemoteDisconnected), ({"reset": True}, ConnectionResetError)]
)
def test_drop_is_charged_and_closes_before_the_status_line(emulator, options, error):
    emulator.control.fault("drop", **options)

    with pytest.raises(error):
        generate(emulator)

    assert kinds(emulator) == ["RECEIVED", "CHARGED"]


@pytest.mark.parametrize(
    ("options", "error"), [({}, http.client.RemoteDisconnected), ({"reset": True}, ConnectionResetError)]
)
def test_drop_can_come_before_anything_was_done(emulator, options, error):
    emulator.control.fault("drop", charge=False, **options)

    with pytest.raises(error):
        generate(emulator)

    assert kinds(emulator) == FREE
    assert (emulator.control.balance, emulator.control.ledger[1].status) == (25, 0)


def test_reset_is_never_an_orderly_end_however_many_calls_there_are(emulator):
    emulator.control.fault("drop", times=24, charge=False, reset=True)
    seen = []

    def call():
        for _ in range(4):
            try:
                generate(emulator)
            except ConnectionError as error:
                seen.append(type(error))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [ConnectionResetError] * 24


def test_hang_can_come_before_anything_was_done(emulator):
    emulator.control.fault("hang", charge=False)

    with pytest.raises(TimeoutError):
        generate(emulator, timeout=0.2)

    assert kinds(emulator) == FREE


def test_journal_and_ledger_name_the_fault(emulator):
    emulator.control.fault("502", charge=True)

    generate(emulator)
    generate(emulator)

    assert [request.fault for request in emulator.control.journal] == ["502", ""]
    assert [entry.fault for entry in emulator.control.ledger][:4] == ["502", "502", "", ""]


def test_cut_promises_more_than_it_sends(emulator):
    emulator.control.fault("cut")

    with pytest.raises(http.client.IncompleteRead) as caught:
        generate(emulator)

    assert len(caught.value.partial) > 0
    assert kinds(emulator) == ["RECEIVED", "CHARGED"]


def test_drip_brings_the_whole_body_slowly(emulator):
    whole = generate(emulator).body
    emulator.control.fault("drip", block=len(whole) // 4, pause=1000.0)
    started = time.monotonic()

    answer = generate(emulator)

    assert answer.body == whole
    assert time.monotonic() - started > 0.25


def test_oversized_body_is_as_large_as_declared(emulator):
    emulator.control.fault("oversized", megabytes=3)

    answer = generate(emulator)

    assert len(answer.body) == int(answer.headers["content-length"]) == 3 * 1024 * 1024


def test_oversized_body_can_come_without_a_length(emulator):
    emulator.control.fault("oversized", megabytes=2, declared=False)

    answer = generate(emulator)

    assert "content-length" not in answer.headers
    assert len(answer.body) == 2 * 1024 * 1024


@pytest.mark.parametrize(("name", "content_type"), [("json-error", "application/json"), ("html", "text/html")])
def test_text_under_200_is_charged(emulator, name, content_type):
    emulator.control.fault(name)

    answer = generate(emulator)

    assert (answer.status, answer.headers["content-type"]) == (200, content_type)
    assert b"rror" in answer.body or b"<html>" in answer.body
    eventually(lambda: kinds(emulator) == ["RECEIVED", "CHARGED", "DELIVERED"])


def test_empty_body_under_200(emulator):
    emulator.control.fault("empty")

    answer = generate(emulator)

    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


def test_truncated_image_has_an_honest_length(emulator):
    emulator.control.fault("truncated")

    answer = generate(emulator, output_format="png")

    assert len(answer.body) == int(answer.headers["content-length"])
    with pytest.raises((OSError, UnidentifiedImageError)):
        answer.image.load()


def test_other_format_than_asked(emulator):
    emulator.control.fault("other-format", format="jpeg")

    answer = generate(emulator)

    assert (answer.image.format, answer.headers["content-type"]) == ("JPEG", "image/jpeg")


def test_other_size_than_asked(emulator):
    emulator.control.fault("other-size", width=320, height=200)

    assert generate(emulator).image.size == (320, 200)


@pytest.mark.parametrize("format", ["png", "webp", "avif"])
def test_animation(emulator, format):
    emulator.control.fault("animated", format=format, frames=4)

    answer = generate(emulator)

    found = answer.image.n_frames, answer.image.format.lower(), answer.headers["content-type"]
    assert found == (4, format, f"image/{format}")


def test_picture_with_a_tail(emulator):
    emulator.control.fault("trailing", text="PK tail")

    assert generate(emulator).body.endswith(b"PK tail")


def test_black_image(emulator):
    emulator.control.fault("black")

    answer = generate(emulator)

    assert answer.image.size == (1024, 1024)
    assert ImageStat.Stat(answer.image.convert("L")).extrema == [(0, 0)]


def test_wrong_and_missing_content_type(emulator):
    emulator.control.fault("wrong-type")
    emulator.control.fault("no-type")

    wrong, missing = generate(emulator), generate(emulator)

    assert wrong.headers["content-type"] == "application/octet-stream"
    assert "content-type" not in missing.headers
    assert missing.image.format == "WEBP"


def test_accounting_headers_can_be_missing(emulator):
    emulator.control.fault("no-headers")

    answer = generate(emulator)

    assert [name for name in answer.headers if name.startswith("x-") and name != "x-request-id"] == []


def test_accounting_headers_can_hold_no_numbers(emulator):
    emulator.control.fault("bad-headers", value="lots")

    answer = generate(emulator)

    names = ("x-cost", "x-remaining-credits", "x-generation-time", "x-seed-value")
    assert [answer.headers[name] for name in names] == ["lots"] * 4


def test_picture_can_come_as_base64_in_json(emulator):
    plain = generate(emulator).body
    emulator.control.fault("json-base64")

    assert base64.b64decode(generate(emulator).json()["image"]) == plain


def test_picture_can_come_as_an_address(emulator):
    plain = generate(emulator)
    emulator.control.fault("json-url")

    url = generate(emulator).json()["image"]

    path = url.removeprefix(emulator.url)
    file = ask(emulator, "GET", path)
    assert (file.body, file.headers["content-type"]) == (plain.body, "image/webp")
    assert ask(emulator, "GET", path, headers={"x-api-key": KEY}).status == 403


def test_address_can_point_anywhere_and_the_file_can_redirect(emulator):
    emulator.control.fault("json-url", url="http://169.254.169.254/latest")
    emulator.control.fault("redirect", on="files", url="http://169.254.169.254/latest")

    assert generate(emulator).json() == {"image": "http://169.254.169.254/latest"}
    file = ask(emulator, "GET", "/generations/any.webp")
    assert (file.status, file.headers["location"]) == (302, "http://169.254.169.254/latest")


def listens(emulator):
    host, port = emulator.url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_refused_connection_comes_back_at_the_same_address(emulator):
    emulator.control.fault("refused", seconds=0.3)

    with pytest.raises(ConnectionRefusedError):
        generate(emulator)

    eventually(lambda: listens(emulator))
    assert generate(emulator).status == 200


def test_refused_connection_leaves_calls_under_way_alone(emulator):
    emulator.control.behaviour.speed_up = 30
    connection = http.client.HTTPConnection(emulator.url.removeprefix("http://"), timeout=60)
    headers = {"x-api-key": KEY, "Content-Type": "application/json"}
    connection.request("POST", PATH, json.dumps(body_of()), headers)
    eventually(lambda: emulator.control.reserved > 0)

    emulator.control.fault("refused", seconds=0.1)

    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("name", sorted(BODY_FAULTS - {"hang", "drop"}))
def test_body_fault_does_not_hide_that_a_call_is_refused(emulator, name):
    emulator.control.fault(name)

    assert generate(emulator, resolution="big").status == 406


def test_fault_meets_as_many_calls_as_asked_in_the_order_given(emulator):
    emulator.control.fault("500", times=2)
    emulator.control.fault("429")

    assert [generate(emulator).status for _ in range(4)] == [500, 500, 429, 200]


def test_fault_can_meet_the_balance(emulator):
    emulator.control.fault("503", on="credits")

    assert [generate(emulator).status, credits(emulator).status, credits(emulator).status] == [200, 503, 200]


def test_cleared_faults_are_not_met(emulator):
    emulator.control.fault("500", times=9)

    emulator.control.clear()

    assert generate(emulator).status == 200


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ({"name": "501"}, "There is no fault '501'"),
        ({"name": "500", "times": 0}, "times is 0"),
        ({"name": "500", "on": "v3"}, "There is no route 'v3'"),
        ({"name": "black", "on": "status"}, "black cannot be met on status, only on v1, files"),
        ({"name": "no-such", "on": None}, "There is no fault 'no-such'"),
        ({"name": "500", "colour": "red"}, "500 has no option 'colour'"),
        ({"name": "502", "after": "long"}, "after is 'long'"),
    ],
)
def test_fault_that_makes_no_sense_is_refused_with_a_sentence(emulator, call, text):
    with pytest.raises(ValueError, match=text):
        emulator.control.fault(**call)
