"""The emulator's routes, and the way answers leave the socket."""

import hashlib
import json
import re
import select
import socket
import struct
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from generations.emulator.control import Control
from generations.emulator.http.reply import COMMON, Reply, error_reply, json_reply, page_reply
from generations.emulator.requests.base import ProviderRequest
from generations.emulator.requests.history import HistoryRequest, RecentRequest
from generations.emulator.requests.polls import ResultRequest, StatusRequest
from generations.emulator.requests.public import CreditsRequest, FileRequest
from generations.emulator.requests.submit import SubmitRequest
from generations.emulator.requests.synchronous import SyncRequest
from generations.emulator.state.provider import EmulatedProvider, Stopped

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
# Seconds between two looks at whether the client of a silent answer has left.
HANG_INTERVAL = 0.1
# SO_LINGER on, zero seconds: close() sends RST.
RESET = struct.pack("ii", 1, 0)


class Handler(BaseHTTPRequestHandler):
    """One connection. The socket's buffering is set so that an answer leaves at once: with Nagle's algorithm and
    an unbuffered writer every answer would wait for the client's delayed acknowledgement, 40 ms.
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
        """The request body; None when it is over the limit or has no declared length."""
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

    def _control(self, raw: bytes) -> Reply:
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

    def _send(self, reply: Reply) -> str | None:
        """Return the sha256 of the body when all of it was handed to the socket of a client that still listens."""
        self.close_connection = self.close_connection or reply.delivery != "send"
        if reply.delivery == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            # The server would first send an orderly end, and the client might read that before the reset.
            self.connection.close()
        while reply.delivery == "hang" and not self._is_gone():
            self.server.provider.sleep(HANG_INTERVAL)
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

    def _send_head(self, reply: Reply) -> None:
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

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except (OSError, Stopped):
            # Clients leave and the emulator stops; neither is worth a traceback.
            pass
        except Exception:  # noqa: BLE001  (a fault of the emulator itself: it is shown, the other calls go on)
            self.handle_error(request, client_address)
        finally:
            self.shutdown_request(request)
