import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from generations.errors import InvalidRequest, OutcomeUnknown
from generations.providers import wire
from generations.providers.transport import ERROR_CAP, fetch
from tests.providers.calls import CAP, GRACE, LATE, SHORT, SOON, failure, not_sent, post
from tests.providers.loopback import hostile
from tests.providers.loopback.hostile import (
    HEAD,
    PNG,
    Hostile,
    answer,
    drip_after,
    flood_after,
    hang_after,
    raw,
    reset_after,
)


def test_call_to_a_server_that_closes_at_once_is_a_doubt():
    with Hostile(raw(b""), reads=False) as server:
        error = failure(server.url)

    assert (type(error), error.maybe_charged) == (OutcomeUnknown, True)


def test_call_to_a_closed_port_is_not_sent():
    assert not_sent(failure(f"http://127.0.0.1:{hostile.free_port()}")) == "the connection was refused"


def test_call_to_an_unknown_name_is_not_sent():
    assert not_sent(failure("http://no-such-host.invalid", deadline=2)) == "the host name wasn't found"


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "a..test"])
def test_call_to_an_impossible_name_is_not_sent(name):
    assert failure(f"http://{name}", deadline=2).maybe_charged is False


def test_call_by_tls_to_a_plain_port_is_not_sent():
    with Hostile(answer(), reads=False) as server:
        assert not_sent(failure(server.url.replace("http:", "https:"))) == "no TLS connection"


@pytest.mark.parametrize("behaviour", [hang_after(), drip_after(b"\x16\x03\x03\x40\x00", drops=b"\x02")])
def test_call_by_tls_with_an_endless_handshake_ends_in_time(behaviour):
    with Hostile(behaviour, reads=False) as server:
        assert not_sent(failure(server.url.replace("http:", "https:"), deadline=SHORT)) == LATE


def test_call_to_a_port_that_swallows_connections_is_not_sent():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        # Two callers fill the queue of a listener that never accepts; the third gets no answer at all.
        with socket.create_connection(("127.0.0.1", port)), suppress(OSError), socket.socket() as second:
            second.settimeout(0.1)
            second.connect(("127.0.0.1", port))
            assert not_sent(failure(f"http://127.0.0.1:{port}", deadline=SHORT)) == LATE


@pytest.mark.parametrize("url", ["http:///v1", "ftp://127.0.0.1/", "no address", "http://[::1/", "http://127.0.0.1:x/"])
def test_call_to_what_is_no_address_is_not_sent(url):
    assert failure(url).maybe_charged is False


@pytest.mark.parametrize("body", [{"n": float("nan")}, {"n": {1, 2}}])
def test_call_with_a_body_that_json_cannot_hold_is_our_mistake(body):
    with Hostile(answer()) as server, pytest.raises(InvalidRequest):
        fetch("POST", server.url, headers={}, json=body, deadline=1, cap=CAP)
    assert server.requests == []


def test_call_with_a_line_break_in_a_header_is_our_mistake():
    with Hostile(answer()) as server, pytest.raises(InvalidRequest):
        fetch("GET", server.url, headers={"x-api-key": "a\r\nb: c"}, deadline=1, cap=CAP)
    assert server.requests == []


def test_call_sends_json_and_asks_for_a_plain_answer_on_a_fresh_connection():
    with Hostile(answer()) as server:
        fetch("POST", server.url + "/v1/x", headers={"x-api-key": "k"}, json={"p": "×🍊"}, deadline=2, cap=CAP)

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /v1/x http/1.1"
    assert body == b'{"p": "\\u00d7\\ud83c\\udf4a"}'
    assert sorted(lines[1:]) == sorted([
        b"host: 127.0.0.1:%d" % server.port,
        b"accept-encoding: identity",
        b"connection: close",
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"user-agent: hidream-gallery",
        b"x-api-key: k",
    ])  # fmt: skip


@pytest.mark.parametrize(
    "behaviour",
    [
        answer(),
        raw(HEAD + b"\r\n" + PNG),
        raw(HEAD + b"Content-Length: many\r\n\r\n" + PNG),
        raw(HEAD + b"Content-Encoding: identity\r\n\r\n" + PNG),
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(PNG), PNG)),
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + PNG),
        raw(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"\r\n" + PNG),
        answer(headers={"Set-Cookie": "a=" + "b; " * 9999, "Location": "http://elsewhere.test"}),
    ],
    ids=["length", "no length", "odd length", "identity", "chunks", "HTTP/1.0", "continue", "odd headers"],
)
def test_call_with_a_whole_answer_returns_its_bytes(behaviour):
    with Hostile(behaviour) as server:
        assert post(server.url).body == PNG


def test_call_with_a_whole_answer_that_is_never_closed_does_not_wait():
    with Hostile(hang_after(HEAD + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG)) as server:
        assert post(server.url, deadline=30).body == PNG


def test_call_reads_no_further_than_the_length():
    with Hostile(flood_after(HEAD + b"Content-Length: 3\r\n\r\n")) as server:
        assert post(server.url, deadline=30).body == b"xxx"


def test_reply_finds_headers_in_any_case():
    with Hostile(answer(headers={"X-CoSt": "0.1"})) as server:
        assert post(server.url).headers["x-cost"] == "0.1"


BAD_STATUS = b"HTTP/1.1 500 Oops\r\n"


@pytest.mark.parametrize(
    ("behaviour", "body"),
    [
        (raw(BAD_STATUS + b"Content-Length: 999\r\n\r\nshort"), b"short"),
        (reset_after(BAD_STATUS + b"Content-Length: 999\r\n\r\n"), b""),
        (hang_after(BAD_STATUS + b"Content-Length: 999\r\n\r\nslow"), b"slow"),
        (raw(BAD_STATUS + b"Content-Encoding: gzip\r\n\r\nx"), b""),
        (flood_after(BAD_STATUS + b"\r\n"), b"x" * ERROR_CAP),
        (flood_after(BAD_STATUS + b"Content-Length: 999999999\r\n\r\n"), b"x" * ERROR_CAP),
    ],
    ids=["cut short", "reset", "slow", "packed", "endless", "huge"],
)
def test_error_with_a_broken_body_keeps_its_status(behaviour, body):
    with Hostile(behaviour) as server:
        started = time.monotonic()
        reply = post(server.url, deadline=SOON)

    assert time.monotonic() - started < SOON + GRACE
    assert (reply.status, reply.body) == (500, body)


def test_redirect_is_not_followed_nor_its_body_swallowed():
    with Hostile(answer()) as elsewhere:
        head = f"HTTP/1.1 307 Go\r\nLocation: {elsewhere.url}/\r\n\r\n"
        with Hostile(flood_after(head.encode())) as server:
            reply = post(server.url, deadline=5)

    assert (reply.status, len(reply.body), elsewhere.requests) == (307, ERROR_CAP, [])


def test_environment_with_proxies_and_passwords_is_ignored(monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Hostile(answer(status=502)) as proxy, Hostile(answer()) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        reply = post(server.url)

    assert (reply.status, proxy.requests) == (200, [])
    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_reach_refuses_an_address_before_a_socket_opens(host):
    with Hostile(answer()) as server:
        error = failure(f"http://{host}:{server.port}", reach=wire.public)

    assert not_sent(error) == f"{host} doesn't resolve to an allowed address"
    assert server.requests == []


def test_calls_of_256_threads_each_get_their_own_answer():
    all_asked = threading.Barrier(256, timeout=120)

    def echo(caller) -> None:
        question = hostile.received(caller).partition(b"\r\n\r\n")[2]
        all_asked.wait()
        answer(body=question)(caller)

    def ask(number: int) -> bytes:
        return fetch("POST", server.url, headers={}, json={"n": number}, deadline=30, cap=CAP).body

    with Hostile(echo, reads=False) as server, ThreadPoolExecutor(256) as pool:
        bodies = list(pool.map(ask, range(256)))

    assert bodies == [b'{"n": %d}' % number for number in range(256)]


def test_call_that_is_over_leaves_no_thread_behind():
    before = set(threading.enumerate())
    with Hostile(answer()) as server:
        post(server.url, deadline=60)
    deadline = time.monotonic() + GRACE
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)

    assert set(threading.enumerate()) - before == set()
