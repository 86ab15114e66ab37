"""Submit and poll: one paid call, then free requests, until there is an answer or an unknown outcome with an id."""

import json
import time
from decimal import Decimal

import pytest

from generations.errors import (
    BodyLost,
    InvalidRequest,
    ModelGone,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Refused,
    RequestForgotten,
    StillGenerating,
    UnusableAnswer,
)
from generations.providers import Answer, ImageRequest, Provider
from generations.providers import segmind_v2 as version
from tests.key import KEY
from tests.providers.calls import GRACE, LATE, LONG, SHORT, SOON
from tests.providers.loopback import hostile
from tests.providers.loopback.broken import BROKEN_ANSWERS
from tests.providers.loopback.hostile import PAGE, PNG, Hostile, answer, error_body, hang_after, raw, reset_after
from tests.providers.loopback.routes import Routes, as_json
from tests.providers.loopback.v2 import (
    ACCEPTED,
    COMPLETED,
    DRAWN,
    ELSEWHERE,
    ID,
    METRICS,
    PROCESSING,
    QUEUED,
    RESULT,
    STATUS,
    SUBMIT,
    told,
    vendor,
)
from tests.providers.segmind import REQUEST, failure, held, segmind_v2

GONE = as_json({"error": f"Request {ID} not found"}, 404)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    """Shorten the pauses between polls."""
    monkeypatch.setattr(version, "IMPATIENT_PAUSE", 0.05)


@pytest.fixture
def _little_patience(monkeypatch):
    """Shorten the time for one poll, so that several that hang fit into a test."""
    monkeypatch.setattr(version, "POLL_SECONDS", 0.1)


def call(**answers) -> Answer:
    with vendor(**answers) as server:
        return segmind_v2(server.url).call(REQUEST)


def doubt(*, deadline=LONG, **answers) -> ProviderError:
    """Return the error that ends a call that was accepted; it knows the request id."""
    with vendor(**answers) as server, pytest.raises(ProviderError) as caught:
        segmind_v2(server.url, deadline=deadline).call(REQUEST)
    assert (caught.value.request_id, caught.value.maybe_charged) == (ID, True)
    return caught.value


def resume(status=COMPLETED, result=None, *, deadline=LONG) -> Answer:
    with vendor(status=status, result=result or as_json(DRAWN)) as server:
        return segmind_v2(server.url, deadline=deadline).resume(ID)


def test_answer_carries_what_the_report_says():
    answer = call()

    assert json.loads(answer.body) == DRAWN
    assert answer == Answer(
        body=answer.body,
        content_type="application/json",
        cost=Decimal("0.0152127097"),
        remaining_credits=Decimal("12.3456789012"),
        request_id=ID,
        generation_seconds=Decimal("10.142"),
        seed=99999999999998,
        cost_from="body",
        headers=answer.headers,
    )
    assert answer.headers["content-type"] == "application/json"


def test_answer_keeps_the_bytes_as_they_came():
    body = json.dumps(DRAWN, indent=3).encode() + b"\n\n"

    assert call(result=answer(body=body)).body == body


def test_amounts_are_exact_to_the_last_place_that_was_written():
    body = json.dumps({**DRAWN, "metrics": {"cost": 0}}).replace('"cost": 0', '"cost": 0.12345678901234567890')

    assert call(result=answer(body=body.encode())).cost == Decimal("0.12345678901234567890")


@pytest.mark.parametrize("metrics", [None, [], "fast", {}, {"cost": None}, {"cost": -1}, {"cost": 1e9}, {"cost": True}])
def test_report_without_usable_metrics_leaves_them_open(metrics):
    answer = call(result=as_json({**DRAWN, "metrics": metrics}))

    assert (answer.cost, answer.remaining_credits, answer.generation_seconds) == (None, None, None)


@pytest.mark.parametrize(("written", "seed"), [(7, 7), ("7", 7), ("None", None), (None, None), (-1, None), ("", None)])
def test_seed_is_read_from_text_or_number(written, seed):
    assert call(result=as_json({**DRAWN, "seed": written})).seed == seed


def test_call_submits_once_asks_until_it_is_drawn_and_fetches_the_report_once():
    with vendor() as server:
        segmind_v2(server.url + "/").call(REQUEST)

    assert server.asked == [f"POST {SUBMIT}", *[f"GET {STATUS}"] * 3, f"GET {RESULT}"]
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"prompt": "a cat", "seed": 7}
    assert all(f"x-api-key: {KEY}\r\n".encode() in request for request in server.requests)
    assert head.count(b"x-api-key") == 1


def test_request_id_is_told_before_the_first_poll():
    with vendor() as server:
        seen = []
        segmind_v2(server.url).call(REQUEST, lambda request_id: seen.append((request_id, list(server.asked))))

    assert seen == [(ID, [f"POST {SUBMIT}"])]


def test_failure_to_note_the_request_id_ends_the_call_before_the_first_poll():
    class DiskFull(Exception):
        pass

    def note(request_id: str) -> None:
        raise DiskFull

    with vendor() as server, pytest.raises(DiskFull):
        segmind_v2(server.url).call(REQUEST, note)

    assert server.asked == [f"POST {SUBMIT}"]


def test_addresses_in_the_answer_are_never_followed():
    """The server at these addresses would answer 200; the vendor's own addresses are on another host here."""
    with Hostile(answer()) as elsewhere:
        accepted = json.loads(json.dumps(ACCEPTED).replace(ELSEWHERE, elsewhere.url))
        call(submit=as_json(accepted))

    assert elsewhere.requests == []


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_2xx_with_a_request_id_is_an_accepted_order(status):
    assert call(submit=as_json(ACCEPTED, status)).request_id == ID


@pytest.mark.parametrize(
    "found",
    [
        b"", PAGE, PNG, b"[]", b"{}", b"7", error_body("no"), b'{"request_id": null}', b'{"request_id": ""}',
        b'{"request_id": "../../v1/x"}', b'{"request_id": ".."}', b'{"request_id": "a/b"}', b'{"request_id": {}}',
        b'{"request_id": "' + b"x" * 65 + b'"}', b'{"request_id": "a\\nb"}', b"[" * 60_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 202])
def test_submit_without_a_usable_request_id_is_a_doubt(found, status):
    told_ids: list[str] = []
    with vendor(submit=answer(status, found)) as server, pytest.raises(OutcomeUnknown) as caught:
        segmind_v2(server.url).call(REQUEST, told_ids.append)

    error = caught.value
    assert (error.maybe_charged, error.retryable, error.status) == (True, False, status)
    assert (told_ids, server.asked) == ([], [f"POST {SUBMIT}"])


@pytest.mark.parametrize(("behaviour", "reason"), BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
def test_submit_with_a_broken_answer_is_a_doubt_in_time(behaviour, reason):
    started = time.monotonic()
    error = failure(behaviour, deadline=SHORT if reason is LATE else LONG, version="v2")

    assert time.monotonic() - started < (SHORT if reason is LATE else LONG) + GRACE
    assert (error.maybe_charged, error.request_id) == (True, "")


def test_submit_with_an_answer_of_endless_length_is_a_doubt():
    error = failure(answer(body=json.dumps(ACCEPTED).encode() + b" " * 1024 * 1024), version="v2")

    assert (type(error), error.details.endswith("the maximum is 1,048,576")) == (BodyLost, True)


def test_submit_to_a_closed_port_is_not_sent():
    with pytest.raises(NotSent) as caught:
        segmind_v2(f"http://127.0.0.1:{hostile.free_port()}").call(REQUEST)

    assert (caught.value.maybe_charged, caught.value.retryable) == (False, True)


@pytest.mark.parametrize("slug", ["", "../x", "a/b", "requests/x", "A", "a?b"])
def test_slug_that_is_none_sends_nothing(slug):
    with vendor() as server, pytest.raises(ModelGone):
        segmind_v2(server.url).call(ImageRequest(slug, {}))

    assert server.requests == []


def test_redirect_of_the_submit_does_not_take_the_key_elsewhere():
    with Hostile(answer()) as elsewhere:
        error = failure(answer(307, b"", {"Location": elsewhere.url}), version="v2")

    assert (type(error), elsewhere.requests) == (InvalidRequest, [])


STUMBLES = {
    "404": GONE,
    "429": answer(429, error_body("rate_limit_exceeded")),
    "401": answer(401, b""),
    "500": answer(500, error_body("Internal")),
    "502": answer(502, PAGE),
    "page": answer(body=PAGE),
    "nothing": answer(body=b""),
    "redirect": answer(302, b"", {"Location": "/"}),
    "422 that does not say failed": answer(422, error_body("no")),
    "no status": as_json({"request_id": ID}),
    "a word that is none": told("THINKING"),
    "a status that is none": as_json({"status": ["FAILED"]}),
    "another request": as_json({"status": "COMPLETED", "request_id": "another", "output": "https://x/y.png"}),
    "another request that failed": as_json({"status": "FAILED", "request_id": "another"}, 422),
    "failed without a name under a gateway's error": as_json({"status": "FAILED"}, 502),
    "completed under a gateway's error": as_json(DRAWN, 502),
    "brackets": answer(body=b"[" * 60_000),
    **{name: behaviour for name, (behaviour, _) in BROKEN_ANSWERS.items()},
}


@pytest.mark.usefixtures("_little_patience")
@pytest.mark.parametrize("path", ["status", "result"])
@pytest.mark.parametrize("stumble", STUMBLES.values(), ids=STUMBLES.keys())
def test_poll_that_goes_wrong_is_asked_again_for_nothing(stumble, path):
    good = {"status": COMPLETED, "result": as_json(DRAWN)}
    with vendor(**{**good, path: [stumble, good[path]]}) as server:  # type: ignore[arg-type]
        answer = segmind_v2(server.url).call(REQUEST)

    assert (answer.request_id, answer.cost) == (ID, Decimal("0.0152127097"))
    assert server.asked.count(f"POST {SUBMIT}") == 1
    assert server.asked.count(f"GET {STATUS if path == 'status' else RESULT}") >= 2


@pytest.mark.parametrize("path", ["status", "result"])
@pytest.mark.parametrize(
    ("stumble", "reason"),
    [
        (answer(502, PAGE), "HTTP 502 502 Bad Gateway"),
        (answer(401, error_body(f"bad key {KEY}")), "HTTP 401 bad key [key]"),
        (PROCESSING, "HTTP 200 PROCESSING"),
        (answer(body=PAGE), "HTTP 200 502 Bad Gateway"),
        (reset_after(), "the connection was reset"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n"), None),
    ],
)
def test_wait_without_an_end_is_a_doubt_with_its_id_at_the_deadline(stumble, reason, path):
    """With the usual time per poll: otherwise a slow machine's cut poll would replace the answer's reason."""
    started = time.monotonic()
    error = doubt(deadline=SOON, **{"status": COMPLETED, path: stumble})

    assert SOON <= time.monotonic() - started < SOON + GRACE
    assert (type(error), error.retryable) == (StillGenerating, True)
    assert reason is None or error.cause == reason


@pytest.mark.usefixtures("_little_patience")
@pytest.mark.parametrize("path", ["status", "result"])
def test_polls_that_hang_one_after_the_other_are_a_doubt_at_the_deadline(path):
    started = time.monotonic()
    error = doubt(deadline=SOON, **{"status": COMPLETED, path: hang_after()})

    assert SOON <= time.monotonic() - started < SOON + GRACE
    assert type(error) is StillGenerating


@pytest.mark.parametrize("path", ["status", "result"])
def test_poll_that_hangs_is_cut_at_the_deadline(path):
    """The time for one poll is longer than the time that is left."""
    started = time.monotonic()
    error = doubt(deadline=SOON, **{"status": COMPLETED, path: hang_after()})

    assert time.monotonic() - started < SOON + GRACE
    assert type(error) is StillGenerating


def test_submit_that_leaves_no_time_for_a_poll_is_a_doubt_with_its_id(monkeypatch):
    monkeypatch.setattr(version, "FIRST_PAUSE", LONG)

    error = doubt(deadline=SHORT, status=COMPLETED)

    assert (type(error), error.details) == (StillGenerating, "there was no time left to ask")


def test_request_nobody_knows_is_forgotten_at_the_deadline():
    error = doubt(deadline=SOON, status=GONE)

    assert (type(error), error.retryable, error.status) == (RequestForgotten, False, 404)
    assert error.details == f"HTTP 404 Request {ID} not found"


def test_request_nobody_knows_any_more_is_forgotten_after_a_while(monkeypatch):
    monkeypatch.setattr(version, "FORGOTTEN_SECONDS", 0.3)
    started = time.monotonic()
    error = doubt(deadline=LONG, status=[QUEUED, GONE])

    assert type(error) is RequestForgotten
    assert time.monotonic() - started < LONG / 2


def test_request_that_was_seen_is_still_drawing_at_the_deadline():
    assert type(doubt(deadline=SOON, status=[PROCESSING, GONE])) is StillGenerating


def test_two_times_not_found_is_not_forgotten(monkeypatch):
    monkeypatch.setattr(version, "FORGOTTEN_SECONDS", 0.0)

    assert call(status=[GONE, GONE, COMPLETED]).request_id == ID


@pytest.mark.parametrize("spelling", ["completed", "Completed", " COMPLETED "])
def test_word_counts_in_any_spelling(spelling):
    assert call(status=told(spelling), result=as_json({**DRAWN, "status": spelling})).request_id == ID


def test_report_that_leaves_its_status_out_counts_by_its_output():
    found = {name: value for name, value in DRAWN.items() if name != "status"}

    assert call(result=as_json(found)).seed == 99999999999998


def test_report_that_goes_back_to_processing_is_waited_for():
    assert call(result=[PROCESSING, as_json(DRAWN)]).request_id == ID


def test_failure_found_with_the_report_is_certain():
    with (
        vendor(status=COMPLETED, result=told("FAILED", 422, error="invalid")) as server,
        pytest.raises(Refused) as caught,
    ):
        segmind_v2(server.url).call(REQUEST)

    assert (caught.value.maybe_charged, caught.value.request_id, caught.value.reason) == (False, ID, "invalid")


def test_resume_asks_at_once_and_never_submits():
    with vendor(status=COMPLETED) as server:
        answer = segmind_v2(server.url).resume(ID)

    assert (answer.request_id, answer.cost) == (ID, Decimal("0.0152127097"))
    assert server.asked == [f"GET {STATUS}", f"GET {RESULT}"]


def test_resume_gives_the_same_answer_as_the_call():
    with vendor() as server:
        provider = segmind_v2(server.url)
        assert provider.call(REQUEST) == provider.resume(ID)


def test_resume_of_a_failed_call_raises_what_the_call_would():
    with pytest.raises(Refused) as caught:
        resume(told("FAILED", 422, error="invalid"))

    assert (caught.value.maybe_charged, caught.value.reason) == (False, "invalid")


@pytest.mark.parametrize(
    ("status", "kind"), [(PROCESSING, StillGenerating), (GONE, RequestForgotten), (answer(502, PAGE), StillGenerating)]
)
def test_resume_ends_at_the_deadline(status, kind):
    with pytest.raises(kind) as caught:
        resume(status, deadline=SOON)

    assert (caught.value.maybe_charged, caught.value.request_id) == (True, ID)


@pytest.mark.parametrize("request_id", ["", "..", "../../v1/get-user-credits", "a/b", "a?b", "x" * 65])
def test_resume_without_a_usable_request_id_asks_nobody(request_id):
    with vendor() as server, pytest.raises(RequestForgotten):
        segmind_v2(server.url).resume(request_id)

    assert server.requests == []


def test_resume_when_nobody_listens_is_still_drawing():
    with pytest.raises(StillGenerating) as caught:
        segmind_v2(f"http://127.0.0.1:{hostile.free_port()}", deadline=SOON).resume(ID)

    assert caught.value.details == "the connection was refused"


@pytest.mark.parametrize("key", ["output", "images"])
def test_picture_of_an_answer_is_fetched_without_the_key(key):
    with Hostile(answer()) as files, vendor() as server:
        address = f"{files.url}/generations/a.png"
        found = {**DRAWN, "output": None, "images": [], key: {"output": address, "images": [{"url": address}]}[key]}
        server.answers[RESULT] = [as_json(found)]
        provider = segmind_v2(server.url)
        picture = provider.picture(provider.call(REQUEST))

    assert picture == PNG
    assert files.requests[0].startswith(b"GET /generations/a.png HTTP/1.1\r\n")
    assert b"x-api-key" not in files.requests[0]


@pytest.mark.parametrize(("behaviour", "reason"), BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS.keys())
def test_picture_with_a_broken_answer_may_be_fetched_again(behaviour, reason, monkeypatch):
    monkeypatch.setattr("generations.providers.account.DOWNLOAD_SECONDS", SHORT)
    monkeypatch.setattr("generations.providers.account.PICTURE_CAP", 1024 * 1024)
    with Hostile(behaviour) as files, pytest.raises(UnusableAnswer) as caught:
        segmind_v2("http://127.0.0.1:9").picture(held(json.dumps({"output": f"{files.url}/a.png"}).encode()))

    # A file that is too large would be too large the next time.
    too_large = "1,048,576 bytes" in reason or reason.endswith("the maximum is 1,048,576")
    sentence = f"The file is too large: {reason}." if too_large else f"The file couldn't be downloaded ({reason})."
    assert (caught.value.message, caught.value.retryable, caught.value.reason) == (sentence, not too_large, "")
    assert caught.value.maybe_charged


@pytest.mark.parametrize("output", [None, "", "a poem", [], "ftp://images.segmind.com/a.webp", 5])
def test_report_without_a_picture_is_an_answer_that_holds_none(output):
    found = {**DRAWN, "output": output, "images": []}
    with vendor(result=as_json(found)) as server:
        provider = segmind_v2(server.url)
        kept = provider.call(REQUEST)
        with pytest.raises(UnusableAnswer):
            provider.picture(kept)

    assert (kept.cost, json.loads(kept.body)) == (Decimal("0.0152127097"), found)


def test_pauses_grow_and_stay_short_in_the_first_half_minute():
    wait = version._Wait(ID)
    pauses = [wait.pause() for _ in range(20)]

    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(0.005)
    assert pauses[-1] == 0.05


def test_provider_is_one_of_the_protocol():
    provider: Provider = segmind_v2("https://api.segmind.com")

    assert isinstance(provider, version.SegmindV2)
    assert KEY not in repr(provider)


def test_server_of_these_tests_tells_its_addresses_apart():
    with Routes({"/a": as_json(METRICS)}) as server, pytest.raises(ProviderError):
        segmind_v2(server.url).balance()

    assert server.asked == ["GET /v1/get-user-credits"]
