"""The only access to the network: one HTTP call with a deadline, a size limit, and a record of whether it was sent.

A call may cost money, so three things happen below the HTTP library. Whether anything left this machine is recorded
where bytes enter the socket. The deadline is a timer that shuts the socket down, because a time-out on reads never
fires for a server that sends slowly. The request uses the adapter and not a `requests.Session`, which reads proxies and
passwords from the environment and reads the whole body of a redirect that it does not follow.
"""

import http.client
import json as jsonlib
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import certifi
import requests
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import IncompleteRead, InvalidHeader

from generations.errors import BodyLost, InvalidRequest, NotSent, OutcomeUnknown
from generations.providers.wire import AddressRule, ForbiddenAddress, Wire, anywhere

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PICTURE_CAP = 32 * 1024 * 1024
ERROR_CAP = 64 * 1024
CHUNK = 64 * 1024
OK = 200
INCOMPLETE = gettext_lazy("The provider was called, but no complete response came back. It may have been charged.")

# Compared with every link of an exception's chain; the first entry that matches names the cause.
CAUSES: "tuple[tuple[type[BaseException], _StrPromise], ...]" = (
    (ssl.SSLCertVerificationError, gettext_lazy("the certificate isn't trusted")),
    (ssl.SSLError, gettext_lazy("no TLS connection")),
    (socket.gaierror, gettext_lazy("the host name wasn't found")),
    (UnicodeError, gettext_lazy("the name isn't a host name")),
    (http.client.RemoteDisconnected, gettext_lazy("the connection was closed without a response")),
    (http.client.IncompleteRead, gettext_lazy("the response was cut short")),
    (IncompleteRead, gettext_lazy("the response was cut short")),
    (http.client.HTTPException, gettext_lazy("the response isn't HTTP")),
    (InvalidHeader, gettext_lazy("the response isn't HTTP")),
    (ConnectionRefusedError, gettext_lazy("the connection was refused")),
    (ConnectionError, gettext_lazy("the connection was reset")),
    (TimeoutError, gettext_lazy("no response in time")),
    (OSError, gettext_lazy("the network failed")),
)


@dataclass(frozen=True)
class HttpReply:
    """A whole answer: its body is complete when `status` is 200, else at most its first 64 KiB.

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
    """Send one request over a fresh connection; no redirect is followed and nothing is sent twice.

    `deadline` is seconds for everything from the name look-up to the last byte, `cap` the maximum of bytes of a 200.
    `reach` decides which addresses the host's name may resolve to. Raises NotSent, OutcomeUnknown (its `maybe_charged`
    only means that the request was sent, whatever it costs), BodyLost when the headers of a 200 arrived and its body
    did not, or InvalidRequest for a request that cannot be written.
    """
    request = _prepared(method, url, headers, json)
    wire = Wire(deadline, reach)
    try:
        with wire, _Adapter(wire) as adapter:
            return _read(adapter.send(request, stream=True, timeout=deadline, verify=True), cap, wire)
    # Whatever the libraries raise, the socket knows whether the request was sent, which decides about the money.
    except Exception as error:
        raise _verdict(wire, error) from error


def _prepared(
    method: str, url: str, headers: Mapping[str, str], json: Mapping[str, object] | None
) -> requests.PreparedRequest:
    # One call takes seconds, so a kept connection saves nothing; on one that the server has just closed a request fails
    # after it was sent, which is an unknown outcome for no reason.
    fixed = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "hidream-gallery"}
    try:
        data = None if json is None else jsonlib.dumps(json, allow_nan=False).encode()
        if data is not None:
            fixed["Content-Type"] = "application/json"
        return requests.Request(method, url, headers={**fixed, **headers}, data=data).prepare()
    except (ValueError, TypeError, RecursionError, requests.RequestException) as error:
        sentence = _("This request couldn't be written, so nothing was sent.")
        raise InvalidRequest(sentence, details=type(error).__name__) from error


def _read(response: requests.Response, cap: int, wire: Wire) -> HttpReply:
    try:
        if response.status_code != OK:
            return HttpReply(response.status_code, response.headers, _beginning(response))
        try:
            return HttpReply(OK, response.headers, _whole(response, cap, wire))
        # Whatever failed here, the headers have arrived, and they may contain what the call cost.
        except Exception as error:
            raise _Interrupted(response.headers) from error
    finally:
        response.close()


def _whole(response: requests.Response, cap: int, wire: Wire) -> bytes:
    """Return the complete body of a 200, or raise: a part of a picture is useless."""
    if encoding := _encoding(response):
        raise _Unacceptable(_("the response has the unrequested encoding %(name)s") % {"name": encoding})
    declared = response.raw.length_remaining
    if declared is not None and declared > cap:
        sentence = _("the response has %(count)s bytes; the maximum is %(most)s")
        raise _TooLarge(sentence % {"count": f"{declared:,}", "most": f"{cap:,}"})
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        if len(body) > cap:
            raise _TooLarge(_("the response has more than %(most)s bytes") % {"most": f"{cap:,}"})
    if declared is not None and len(body) != declared:
        sentence = _("the response was cut short after %(count)s of %(whole)s bytes")
        raise _Unacceptable(sentence % {"count": f"{len(body):,}", "whole": f"{declared:,}"})
    # Without a length the end of the stream is the end of the body, and a socket cut by the deadline looks the same.
    if declared is None and not response.raw.chunked and wire.ended:
        raise TimeoutError
    return bytes(body)


def _beginning(response: requests.Response) -> bytes:
    """Return what arrives of an error's body; the status counts whether or not the rest arrives."""
    body = bytearray()
    if _encoding(response):
        return b""
    # Whatever fails here, the status line has arrived, and it decides.
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
    """An answer that breaks a rule of this module; the text names the rule."""


class _TooLarge(_Unacceptable):
    """An answer with more bytes than the cap."""


class _Interrupted(Exception):
    """The headers of a 200 arrived, its body did not."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.headers = headers


def _verdict(wire: Wire, error: Exception) -> NotSent | OutcomeUnknown:
    too_large = isinstance(error.__cause__, _TooLarge)
    passed = _("the deadline of %(seconds)s s passed") % {"seconds": f"{wire.seconds:g}"}
    cause = passed if wire.ended and not too_large else _cause(error)
    if isinstance(error, _Interrupted):
        lost = BodyLost(INCOMPLETE, details=cause, reply_headers=error.headers)
        lost.too_large = too_large
        return lost
    if wire.sent:
        return OutcomeUnknown(INCOMPLETE, details=cause)
    return NotSent(_("The provider couldn't be reached. Nothing was sent and nothing was charged."), details=cause)


def _cause(error: BaseException | None) -> str:
    links: list[BaseException] = []
    while error is not None and error not in links:
        if isinstance(error, _Unacceptable | ForbiddenAddress):
            return str(error)
        links.append(error)
        error = error.__cause__ or error.__context__
    # The innermost link is the cause; the outer ones wrap it.
    found = (str(text) for link in reversed(links) for kind, text in CAUSES if isinstance(link, kind))
    return next(found, _("an unexpected failure"))


class _Connection(HTTPConnection):
    """A connection that opens its socket through the wire and records there when the first byte is sent."""

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
    """Return the TLS context with the root certificates, loaded once because that takes tens of milliseconds.

    Threads share it, so it is never changed later.
    """
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """An adapter for one call: its connections use one wire."""

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
