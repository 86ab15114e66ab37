"""The emulator as one object to start and stop, its routes, and the way answers leave the socket."""

import hashlib
import json
import re
import select
import socket
import struct
import sys
import threading
from collections.abc import Collection, Mapping
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from generations.emulator.behaviour import Behaviour
from generations.emulator.control import Control
from generations.emulator.provider import EmulatedProvider, EmulatorStopped
from generations.emulator.reply import COMMON, ProviderReply, error_reply, json_reply, page_reply
from generations.emulator.requests.base import ProviderRequest
from generations.emulator.requests.free import (
    CreditsRequest,
    FileRequest,
    HistoryRequest,
    RecentRequest,
    ResultRequest,
    StatusRequest,
)
from generations.emulator.requests.paid import SubmitRequest, SyncRequest
from generations.schema import ParameterSchema

KEY = "SG_0123456789abcdef"
CONTROL_PATH = "/__control__"
# The first pattern that fits decides; another method than the request's is a 405. The group is its argument.
ROUTES: list[tuple[str, type[ProviderRequest]]] = [
    (r"/v1/(get-user-credits)", CreditsRequest),
    (r"/v1/requests/([A-Za-z0-9-]+)", ResultRequest),
    (r"/v1/([A-Za-z0-9._-]+)", SyncRequest),
    (r"/v2/requests/([A-Za-z0-9-]+)/status", StatusRequest),
    (r"/v2/requests/([A-Za-z0-9-]+)", ResultRequest),
    (r"/v2/([A-Za-z0-9._-]+)", SubmitRequest),
    (r"/inference-request/(generations)", HistoryRequest),
    (r"/inference-request/(recent-generations)", RecentRequest),
    (r"/generations/([A-Za-z0-9._-]+)", FileRequest),
]
MAX_BODY = 1024 * 1024
# Seconds between two looks at whether the server is to stop, and at whether the client of a silent answer has left.
POLL_SECONDS = 0.05
# SO_LINGER on, zero seconds: close() sends RST.
RESET = struct.pack("ii", 1, 0)


class Handler(BaseHTTPRequestHandler):
    """One connection.

    The socket's buffering is set so that an answer leaves at once: with Nagle's algorithm and an unbuffered writer
    every answer would wait for the client's delayed acknowledgement, 40 ms.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "Server"

    def serve(self) -> None:
        raw, path = self._read(), self.path.partition("?")[0]
        found = next(((kind, match[1]) for pattern, kind in ROUTES if (match := re.fullmatch(pattern, path))), None)
        if raw is None:
            self._send(error_reply(413, "The request body is too large or its length is not declared"))
        elif path.removesuffix("/") == CONTROL_PATH:
            self._send(self._control(raw))
        elif found is None:
            self._send(error_reply(400, "Bad request"))
        elif self.command != found[0].method:
            self._send(page_reply(405))
        else:
            kind, argument = found
            self._answer(kind(self.server.provider, argument, self.path, self.headers, raw))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = serve  # noqa: N815  (names of http.server)

    def version_string(self) -> str:
        return "nginx/1.18.0 (Ubuntu)"

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the journal keeps every request."""

    def _read(self) -> bytes | None:
        """Return the request body; None when it is over the limit or has no declared length."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def _answer(self, request: ProviderRequest) -> None:
        fault = self.server.control.script.take(request.route)
        reply = request.answer(fault.name, fault.answer) if fault else request.answer()
        sent = self._send(reply)
        if sent is not None and reply.status == HTTPStatus.OK:
            request.delivered(sent)

    def _control(self, raw: bytes) -> ProviderReply:
        if self.command == "GET":
            return json_reply(200, self.server.control.state())
        if self.command not in {"PUT", "POST"}:
            return page_reply(405)
        try:
            changes = json.loads(raw)
            if not isinstance(changes, dict):
                raise ValueError("Send a JSON object.")
            self.server.control.update(changes)
        except ValueError as error:
            return error_reply(400, str(error))
        return json_reply(200, {"ok": True})

    def _send(self, reply: ProviderReply) -> str | None:
        """Return the sha256 of the body when all of it was handed to the socket of a client that still listens."""
        self.close_connection = self.close_connection or reply.delivery != "send"
        if reply.delivery == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            # The server would first send an orderly end, and the client might read that before the reset.
            self.connection.close()
        while reply.delivery == "hang" and not self._is_gone():
            self.server.provider.sleep(POLL_SECONDS)
        if reply.delivery != "send" or self._is_gone():
            return None
        self._send_head(reply)
        digest, sent = hashlib.sha256(), 0
        for chunk in () if self.command == "HEAD" else reply.chunks or (reply.body,):
            self.wfile.write(chunk)
            self.wfile.flush()
            digest.update(chunk)
            sent += len(chunk)
        whole = reply.declared in (None, sent)
        self.close_connection = self.close_connection or not whole
        return digest.hexdigest() if whole else None

    def _send_head(self, reply: ProviderReply) -> None:
        self.send_response(reply.status)
        for name, value in {**COMMON, **reply.headers}.items():
            self.send_header(name, value)
        if reply.declared is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(reply.declared))
        self.end_headers()

    def _is_gone(self) -> bool:
        """Return whether the client has closed its side; it never does while it waits for an answer."""
        try:
            readable, _, _ = select.select([self.connection], [], [], 0)
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True


class Server(ThreadingHTTPServer):
    """One thread for each connection: hundreds of calls wait, few work."""

    daemon_threads = True
    block_on_close = False
    # A burst of calls waits in the socket's queue; the default of 5 would refuse it.
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], provider: EmulatedProvider, control: Control) -> None:
        self.provider = provider
        self.control = control
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that http.server makes: it can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show a fault of the emulator itself; clients leave and the emulator stops, which is none."""
        if not isinstance(sys.exception(), OSError | EmulatorStopped):
            super().handle_error(request, client_address)


class Emulator:
    """Segmind's HTTP on this machine; needs no network and no database.

    `balance` is US dollars and counts only for a new ledger file; `rpm` requests a minute; `speed_up` divides
    every wait. Port 0 takes a free one. `control` scripts faults and reads the ledger.
    """

    def __init__(
        self,
        schemas: Mapping[str, ParameterSchema],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Collection[str] = (KEY,),
        speed_up: float = 1.0,
        balance: Decimal = Decimal(25),
        rpm: int = 60,
        ledger: Path | None = None,
    ) -> None:
        behaviour = Behaviour(speed_up=speed_up, rpm=rpm)
        self.provider = EmulatedProvider(schemas, frozenset(keys), behaviour, balance, ledger)
        self.control = Control(self.provider, self._refuse)
        self._address = (host, port)
        self._lock = threading.Lock()
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """The address where it listens, without a slash at the end; empty before the start."""
        return self.provider.url

    def start(self) -> "Emulator":
        """Listen; raises OSError when the port is taken."""
        with self._lock:
            self._open()
        return self

    def stop(self) -> None:
        """Stop listening and end the waiting calls uncharged. It cannot be started again."""
        self.provider.stop()
        with self._lock:
            self._close()

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _open(self) -> None:
        server = Server(self._address, self.provider, self.control)
        host, port = self._address = (self._address[0], server.server_port)
        self.provider.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="emulator", daemon=True).start()
        self._server = server

    def _close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _refuse(self, seconds: float) -> None:
        """Close the port now and open it again later, so that connecting is refused meanwhile."""
        with self._lock:
            self._close()
        threading.Thread(target=self._reopen, args=(seconds,), daemon=True).start()

    def _reopen(self, seconds: float) -> None:
        if not self.provider.stopping.wait(seconds):
            with self._lock:
                self._open()
