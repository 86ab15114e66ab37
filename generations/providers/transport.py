"""The only door to the network: one HTTP call with an end in time, an end in size, and a record of what was sent.

A call here may cost money, so three facts come from below the HTTP library. Whether anything left this machine is
noted where bytes enter the socket. The deadline is a timer that shuts the socket down, because a time-out on reads
is met for ever by a server that drips. The request goes through the adapter and not through a `requests.Session`,
which reads proxies and passwords from the environment and swallows the whole body of a redirect it does not follow.
"""

import http.client
import json as jsonlib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import IncompleteRead, InvalidHeader

from generations.errors import BodyLost, InvalidRequest, NotSent, OutcomeUnknown
from generations.providers.wire import AddressRule, ForbiddenAddress, Wire, anywhere

PICTURE_CAP = 32 * 1024 * 1024
ERROR_CAP = 64 * 1024
CHUNK = 64 * 1024
OK = 200
INCOMPLETE = "The provider was asked, but no complete answer came back; it may have been charged."

# Compared with every link of an exception's chain; the first line that fits names the cause.
CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "the certificate is not trusted"),
    (ssl.SSLError, "no TLS connection"),
    (socket.gaierror, "the name was not found"),
    (UnicodeError, "the name is not a host name"),
    (http.client.RemoteDisconnected, "the connection was closed without an answer"),
    (http.client.IncompleteRead, "the answer was cut short"),
    (IncompleteRead, "the answer was cut short"),
    (http.client.HTTPException, "the answer is not HTTP"),
    (InvalidHeader, "the answer is not HTTP"),
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionError, "the connection was reset"),
    (TimeoutError, "no answer in time"),
    (OSError, "the network failed"),
)


@dataclass(frozen=True)
class HttpReply:
    """A whole answer: its body is complete when `status` is 200, else at most the first 64 KiB of it.

    `headers` finds names in any case.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    deadline: float,
    cap: int,
    json: Mapping[str, object] | None = None,
    reach: AddressRule = anywhere,
) -> HttpReply:
    """One request over a fresh connection; no redirect is followed and nothing is sent twice.

    `deadline` is seconds for everything from the name look-up to the last byte, `cap` the most bytes of a 200.
    `reach` says which addresses the host's name may lead to. Raises NotSent, OutcomeUnknown (whose `maybe_charged`
    knows nothing about prices: it says that the request left), BodyLost when the headers of a 200 came and its body did
    not, or OurMistake for a request that cannot be written.
    """
    request = _prepared(method, url, headers, json)
    wire = Wire(deadline, reach)
    try:
        with wire, _Adapter(wire) as adapter:
            return _read(adapter.send(request, stream=True, timeout=deadline, verify=True), cap, wire)
    # Whatever the libraries raise, known or not, the socket has the answer to the only question that costs money.
    except Exception as error:
        raise _verdict(wire, error) from error


def _prepared(
    method: str, url: str, headers: Mapping[str, str], json: Mapping[str, object] | None
) -> requests.PreparedRequest:
    # One call takes seconds, so a kept connection saves nothing; on one that the server has just closed a request
    # fails after it was sent, which is a doubt for no reason.
    fixed = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "hidream-gallery"}
    try:
        data = None if json is None else jsonlib.dumps(json, allow_nan=False).encode()
        if data is not None:
            fixed["Content-Type"] = "application/json"
        return requests.Request(method, url, headers={**fixed, **headers}, data=data).prepare()
    except (ValueError, TypeError, RecursionError, requests.RequestException) as error:
        sentence = "This request could not be written, so nothing was sent."
        raise InvalidRequest(sentence, details=type(error).__name__) from error


def _read(response: requests.Response, cap: int, wire: Wire) -> HttpReply:
    try:
        if response.status_code != OK:
            return HttpReply(response.status_code, response.headers, _beginning(response))
        try:
            return HttpReply(OK, response.headers, _whole(response, cap, wire))
        # Whatever broke here, the headers are in, and they may say what the call cost.
        except Exception as error:
            raise _Interrupted(response.headers) from error
    finally:
        response.close()


def _whole(response: requests.Response, cap: int, wire: Wire) -> bytes:
    """The body of a 200, every byte or none: a piece of a picture is no picture."""
    if encoding := _encoding(response):
        raise _Unacceptable(f"the answer is packed with {encoding}, which was not asked for")
    declared = response.raw.length_remaining
    if declared is not None and declared > cap:
        raise _TooLarge(f"the answer has {declared:,} bytes; at most {cap:,} are taken")
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        if len(body) > cap:
            raise _TooLarge(f"the answer has more than {cap:,} bytes")
    if declared is not None and len(body) != declared:
        raise _Unacceptable(f"the answer was cut short after {len(body):,} of {declared:,} bytes")
    # Without a length the end of the stream is the end of the body, and cutting the socket looks just like it.
    if declared is None and not response.raw.chunked and wire.ended:
        raise TimeoutError
    return bytes(body)


def _beginning(response: requests.Response) -> bytes:
    """What can be had of an error's body; its status counts whether or not the rest of it arrives."""
    body = bytearray()
    if _encoding(response):
        return b""
    # Whatever breaks here, the status line is in, and it decides.
    with suppress(Exception):
        for piece in _pieces(response):
            body += piece
            if len(body) >= ERROR_CAP:
                break
    return bytes(body[:ERROR_CAP])


def _pieces(response: requests.Response) -> Iterator[bytes]:
    while piece := response.raw.read1(CHUNK, decode_content=False):
        yield piece


def _encoding(response: requests.Response) -> str:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding[:20]


class _Unacceptable(Exception):
    """An answer that breaks a rule of this module; the text says which."""


class _TooLarge(_Unacceptable):
    """It has more bytes than are taken."""


class _Interrupted(Exception):
    """The headers of a 200 came, its body did not."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.headers = headers


def _verdict(wire: Wire, error: Exception) -> NotSent | OutcomeUnknown:
    too_large = isinstance(error.__cause__, _TooLarge)
    cause = f"the deadline of {wire.seconds:g} s passed" if wire.ended and not too_large else _cause(error)
    if isinstance(error, _Interrupted):
        lost = BodyLost(INCOMPLETE, details=cause, reply_headers=error.headers)
        lost.too_large = too_large
        return lost
    if wire.sent:
        return OutcomeUnknown(INCOMPLETE, details=cause)
    return NotSent("The provider could not be reached; nothing was sent and nothing was charged.", details=cause)


def _cause(error: BaseException | None) -> str:
    links: list[BaseException] = []
    while error is not None and error not in links:
        if isinstance(error, _Unacceptable | ForbiddenAddress):
            return str(error)
        links.append(error)
        error = error.__cause__ or error.__context__
    # The innermost link saw it happen; the outer ones are wrappings of it.
    found = (text for link in reversed(links) for kind, text in CAUSES if isinstance(link, kind))
    return next(found, "an unexpected failure")


class _Connection(HTTPConnection):
    """Opens its socket through the wire and tells it when the first byte goes out."""

    def __init__(self, *args: Any, wire: Wire, **options: Any) -> None:
        super().__init__(*args, **options)
        self.wire = wire

    def _new_conn(self) -> Any:
        return self.wire.open(self.host, self.port, self.socket_options or ())

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.wire.sent = True
        super().send(data)


class _SecureConnection(_Connection, HTTPSConnection):
    def connect(self) -> None:
        self.sock = trust().wrap_socket(self._new_conn(), server_hostname=self.host)
        self.is_verified = True


@cache
def trust() -> ssl.SSLContext:
    """The root certificates, loaded once: it takes tens of milliseconds. Shared by threads, so never changed later."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """An adapter for one call: its connections belong to one wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(max_retries=0)
        self.wire = wire
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def __enter__(self) -> "_Adapter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.conn_kw["wire"] = self.wire
        return pool
