import json
import time
from decimal import Decimal

import pytest

from generations.errors import (
    BodyLost,
    InvalidRequest,
    KeyRejected,
    ModelGone,
    NotSent,
    OutOfCredits,
    ProviderError,
    ProviderFailed,
    RateLimited,
    RequestForgotten,
)
from generations.providers import Answer, Balance, ImageRequest, Provider, Segmind
from tests.key import KEY
from tests.providers.calls import GRACE, LATE, LONG, SHORT
from tests.providers.loopback import hostile
from tests.providers.loopback.hostile import (
    PAGE,
    PNG,
    Hostile,
    answer,
    drip_after,
    error_body,
    hang_after,
    raw,
    reset_after,
)
from tests.providers.segmind import REQUEST, call, failure, segmind

FULL = {
    "Content-Type": "Image/PNG; charset=binary",
    "X-COST": "0.0152127097",
    "x-remaining-credits": "600.8198597243",
    "X-Request-ID": "708b82f9bf47e90a83b501bc747faf6e",
    "X-Generation-time": "10.142",
    "X-Seed-Value": "99999999999998",
}


def test_answer_carries_what_the_headers_say():
    assert call(answer(headers=FULL)) == Answer(
        body=PNG,
        content_type="image/png",
        cost=Decimal("0.0152127097"),
        remaining_credits=Decimal("600.8198597243"),
        request_id="708b82f9bf47e90a83b501bc747faf6e",
        generation_seconds=Decimal("10.142"),
        seed=99999999999998,
        cost_from="header",
        headers={
            "content-type": "Image/PNG; charset=binary",
            "content-length": str(len(PNG)),
            "x-request-id": "708b82f9bf47e90a83b501bc747faf6e",
            "x-cost": "0.0152127097",
            "x-generation-time": "10.142",
            "x-seed-value": "99999999999998",
            "x-remaining-credits": "600.8198597243",
        },
    )


def test_headers_that_may_hold_a_secret_are_not_kept():
    told = {
        "X-Cost": "0.01", "Set-Cookie": "session=abc", "Location": "https://files.test/a?sig=abc", "Server": KEY,
        "X-Output-Metadata": "https://files.test/a?sig=abc", "X-Request-Id": f"{KEY.removeprefix('SG_')}", "Via": "x",
    }  # fmt: skip

    assert call(answer(headers=told)).headers.keys() == {"content-length", "x-cost"}


def test_refusal_keeps_its_headers_as_well():
    with pytest.raises(ProviderError) as refused:
        call(answer(status=429, headers={"X-RATE-LIMIT-REMAINING": "0", "Set-Cookie": "session=abc"}))

    assert refused.value.headers["x-rate-limit-remaining"] == "0"
    assert "set-cookie" not in refused.value.headers


def test_answer_without_headers_leaves_them_open():
    length = {"content-length": str(len(PNG))}

    assert call(answer()) == Answer(PNG, "", None, None, "", None, None, "header", length)


@pytest.mark.parametrize(
    "cost", ["None", "free", "-0.1", "NaN", "Infinity", "1e9", "1e-999", "9" * 400, "0.1, 0.2", "٣"]
)
def test_answer_with_a_cost_that_is_no_amount_ignores_it(cost):
    assert call(raw(b"HTTP/1.1 200 OK\r\nx-cost: " + cost.encode() + b"\r\n\r\n" + PNG)).cost is None


@pytest.mark.parametrize(("text", "cost"), [("0", "0"), ("1e-05", "0.00001"), (" 0.5 ", "0.5")])
def test_answer_with_an_unusual_cost_reads_it(text, cost):
    assert call(answer(headers={"x-cost": text})).cost == Decimal(cost)


@pytest.mark.parametrize("seed", ["None", "", "-1", "1.5", "9" * 40])
def test_answer_with_a_seed_that_is_none_ignores_it(seed):
    assert call(answer(headers={"X-Seed-Value": seed})).seed is None


def test_answer_with_an_odd_request_id_ignores_it():
    assert call(answer(headers={"X-Request-ID": "<script>alert(1)</script>"})).request_id == ""


@pytest.mark.parametrize("body", [b"", PAGE, error_body("no"), PNG[:9]])
def test_200_of_any_content_is_an_answer(body):
    assert call(answer(body=body)).body == body


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (hang_after(), LATE),
        (drip_after(b"HTTP/1.1 200 OK\r\na: "), LATE),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), "the response was cut short"),
        (reset_after(), "the connection was reset"),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 33554433\r\n\r\n"),
            "the response has 33,554,433 bytes; the maximum is 33,554,432",
        ),
    ],
)
def test_call_without_a_whole_answer_is_a_doubt_in_time(behaviour, reason):
    deadline = SHORT if reason is LATE else LONG
    started = time.monotonic()
    error = failure(behaviour, deadline=deadline)

    assert time.monotonic() - started < deadline + GRACE
    assert (error.maybe_charged, error.reason, error.details) == (True, "", reason)


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (lambda head: raw(head + b"Content-Length: 9\r\n\r\nx"), "the response was cut short"),
        (lambda head: hang_after(head + b"Content-Length: 9\r\n\r\nx"), LATE),
        (lambda head: reset_after(head + b"Content-Length: 9\r\n\r\n"), "the connection was reset"),
        (
            lambda head: raw(head + b"Content-Length: 33554433\r\n\r\n"),
            "the response has 33,554,433 bytes; the maximum is 33,554,432",
        ),
        (
            lambda head: raw(head + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
            "the response has the unrequested encoding gzip",
        ),
    ],
    ids=["cut", "hangs", "reset", "too large", "packed"],
)
def test_answer_whose_body_is_lost_keeps_what_its_headers_say(behaviour, why):
    head = b"HTTP/1.1 200 OK\r\nX-Cost: 0.0152\r\nX-Request-Id: r1\r\nX-Seed-Value: 7\r\n"
    with Hostile(behaviour(head)) as server:
        found = segmind(server.url, deadline=SHORT if why is LATE else LONG).call(REQUEST)

    assert (found.body, found.lost) == (b"", why)
    assert (found.cost, found.request_id, found.seed) == (Decimal("0.0152"), "r1", 7)


def test_answer_whose_body_is_lost_without_a_price_is_a_doubt_with_its_request_id():
    error = failure(raw(b"HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 9\r\n\r\nx"))

    assert (type(error), error.status, error.request_id) == (BodyLost, 200, "r1")
    assert error.full_message == (
        "The provider was called, but no complete response came back. It may have been charged. "
        "Details: the response was cut short."
    )


def test_call_to_a_closed_port_is_not_sent():
    with pytest.raises(NotSent) as caught:
        segmind(f"http://127.0.0.1:{hostile.free_port()}").call(REQUEST)

    assert (caught.value.maybe_charged, caught.value.retryable) == (False, True)


def test_call_posts_the_body_to_the_models_address_with_the_key():
    with Hostile(answer()) as server:
        segmind(server.url + "/").call(REQUEST)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/hidream-l1-fast HTTP/1.1\r\n")
    assert f"\r\nx-api-key: {KEY}\r\n".encode() in head + b"\r\n"
    assert json.loads(body) == {"prompt": "a cat", "seed": 7}


@pytest.mark.parametrize("slug", ["", "../x", "a/b", "A", "-a", ".", "a?b", "a b", "a\n", "ä", "a%2e"])
def test_call_with_a_slug_that_is_none_sends_nothing(slug):
    with Hostile(answer()) as server, pytest.raises(ModelGone) as caught:
        segmind(server.url).call(ImageRequest(slug, {}))

    assert (caught.value.maybe_charged, server.requests) == (False, [])


def test_call_tells_nobody_a_request_id_that_cannot_be_asked_about():
    told: list[str] = []
    with Hostile(answer(headers=FULL)) as server:
        segmind(server.url).call(REQUEST, told.append)

    assert told == []


def test_call_of_this_version_cannot_be_resumed():
    with Hostile(answer()) as server, pytest.raises(RequestForgotten) as caught:
        segmind(server.url).resume("708b82f9bf47e90a83b501bc747faf6e")

    error = caught.value
    assert (error.maybe_charged, error.retryable, error.request_id) == (True, False, "708b82f9bf47e90a83b501bc747faf6e")
    assert server.requests == []


def test_redirect_does_not_take_the_key_elsewhere():
    with Hostile(answer()) as elsewhere:
        error = failure(answer(307, b"", {"Location": elsewhere.url + "/v1/x"}))

    assert (type(error), error.maybe_charged, elsewhere.requests) == (InvalidRequest, False, [])


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        (b'{"credits": 0.0, "free-credits": 0.0184921035}', Balance(Decimal("0.0"), Decimal("0.0184921035"))),
        (b'{"credits": 12}', Balance(Decimal(12), Decimal(0))),
        (b'{"credits": -3.25, "free-credits": 0}', Balance(Decimal("-3.25"), Decimal(0))),
        (b'{"credits": "7.5", "free-credits": "1"}', Balance(Decimal("7.5"), Decimal(1))),
    ],
)
def test_balance_is_read_to_the_last_place(body, balance):
    with Hostile(answer(body=body)) as server:
        assert segmind(server.url).balance() == balance
    assert server.requests[0].startswith(b"GET /v1/get-user-credits HTTP/1.1\r\n")
    assert f"x-api-key: {KEY}\r\n".encode() in server.requests[0]


def test_balance_is_spendable_in_both_parts():
    assert Balance(Decimal("1.5"), Decimal("0.25")).total == Decimal("1.75")


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [
        (answer(body=b""), ProviderFailed),
        (answer(body=PAGE), ProviderFailed),
        (answer(body=b"[]"), ProviderFailed),
        (answer(body=b"{}"), ProviderFailed),
        (answer(body=b'{"credits": NaN}'), ProviderFailed),
        (answer(body=b'{"credits": null}'), ProviderFailed),
        (answer(body=b'{"credits": 1, "free-credits": 1e400}'), ProviderFailed),
        (answer(body=b"[" * 60000), ProviderFailed),
        (answer(401, b""), KeyRejected),
        (answer(404, error_body("No credits found for the user")), OutOfCredits),
        (answer(404, PAGE), ProviderFailed),
        (answer(302, b""), ProviderFailed),
        (answer(429, b""), RateLimited),
        (answer(502, PAGE), ProviderFailed),
        (answer(500, error_body("Internal Polling Error")), ProviderFailed),
        (reset_after(), ProviderFailed),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"), ProviderFailed),
    ],
)
def test_balance_that_cannot_be_read_is_never_charged(behaviour, kind):
    with Hostile(behaviour) as server, pytest.raises(ProviderError) as caught:
        segmind(server.url).balance()

    assert (type(caught.value), caught.value.maybe_charged, caught.value.retryable) == (kind, False, True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.segmind.com",
        "ftp://api.segmind.com",
        "http://api.segmind.com",
        "http://10.0.0.1",
        "http://127.0.0.1.evil.test",
        "https://user:password@api.segmind.com",
        "https://api.segmind.com/v1",
        "https://api.segmind.com?x=1",
        "https://api.segmind.com#x",
        "https://api.segmind.com:port",
        "https://",
    ],
)
def test_address_of_the_api_that_cannot_work_is_refused_at_once(url):
    with pytest.raises(ValueError, match=r"address|[Pp]ort"):
        segmind(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001/", "https://x.test"]
)
def test_address_of_the_api_that_can_work_is_taken(url):
    provider: Provider = segmind(url)

    assert isinstance(provider, Segmind)


@pytest.mark.parametrize("key", ["", "  ", "a b", "a\nb", "ключ"])
def test_key_that_cannot_travel_is_refused_and_not_repeated(key):
    with pytest.raises(ValueError, match="The API key is empty") as caught:
        Segmind("https://api.segmind.com", key, file_hosts=frozenset())

    assert not key.strip() or key not in str(caught.value)


def test_key_with_a_trailing_line_break_is_trimmed():
    with Hostile(answer()) as server:
        Segmind(server.url, KEY + "\n", file_hosts=frozenset()).call(REQUEST)

    assert f"x-api-key: {KEY}\r\n".encode() in server.requests[0]


def test_provider_does_not_show_its_key():
    assert KEY not in repr(segmind("https://api.segmind.com"))
