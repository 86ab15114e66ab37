"""The emulator's routes, and the way answers leave the socket."""

import hashlib
import json
import re
import select
import socket
import struct
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from generations.emulator.control import Control
from generations.emulator.faults.job import Stopped
from generations.emulator.http.reply import COMMON, Reply, as_error, as_json, as_page
from generations.emulator.requests import desk, history, polls
from generations.emulator.requests.call import Call
from generations.emulator.requests.errand import Errand
from generations.emulator.requests.paid import Paid
from generations.emulator.requests.submission import Submission
from generations.emulator.state.vendor import Vendor

LARGEST_BODY = 1024 * 1024
POLL = 0.1
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

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def do_HEAD(self) -> None:
        self._serve("HEAD")

    def do_OPTIONS(self) -> None:
        self._serve("OPTIONS")

    def version_string(self) -> str:
        return "nginx/1.18.0 (Ubuntu)"

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the journal keeps every request."""

    def _serve(self, method: str) -> None:
        raw = self._read()
        if raw is None:
            self._send(as_error(413, "The request body is too large or its length is not declared"))
            return
        path = self.path.partition("?")[0]
        found = [(verbs, match) for pattern, verbs in ROUTES if (match := re.fullmatch(pattern, path))]
        if not found:
            self._send(as_error(400, "Bad request"))
            return
        verbs, match = found[0]
        if method not in verbs:
            self._send(as_page(405))
            return
        verbs[method](self, raw, match[1] if match.re.groups else "")

    def _read(self) -> bytes | None:
        """The request body; None when it is over the limit or has no declared length."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal() or int(length) > LARGEST_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def generate(self, raw: bytes, slug: str) -> None:
        self.hand_over(Call(self.server.vendor, slug, self.headers, raw))

    def submit(self, raw: bytes, slug: str) -> None:
        self.hand_over(Submission(self.server.vendor, slug, self.headers, raw))

    def hand_over(self, request: Paid | Errand) -> None:
        reply = request.answer()
        sent = self._send(reply)
        if sent is not None and reply.status == HTTPStatus.OK:
            request.delivered(sent)

    def show(self, raw: bytes, _: str) -> None:
        self._send(as_json(200, self.server.control.state()))

    def change(self, raw: bytes, _: str) -> None:
        try:
            wishes = json.loads(raw)
            if not isinstance(wishes, dict):
                raise ValueError("Send a JSON object.")
            self.server.control.update(wishes)
        except ValueError as error:
            self._send(as_error(400, str(error)))
        else:
            self._send(as_json(200, {"ok": True}))

    def _send(self, reply: Reply) -> str | None:
        """The sha256 of the body when all of it was handed to the socket of a client that still listens."""
        self.close_connection = self.close_connection or reply.manner != "send"
        if reply.manner == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            # The server would first send an orderly end, and the client might read that before the reset.
            self.connection.close()
        if reply.manner == "hang":
            self._hang()
        if reply.manner != "send" or self._gone():
            return None
        self._head(reply)
        digest, sent = hashlib.sha256(), 0
        for chunk in () if self.command == "HEAD" else reply.chunks or (reply.body,):
            self.wfile.write(chunk)
            self.wfile.flush()
            digest.update(chunk)
            sent += len(chunk)
        whole = reply.declared in (None, sent)
        self.close_connection = self.close_connection or not whole
        return digest.hexdigest() if whole else None

    def _head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {**COMMON, **reply.headers}.items():
            self.send_header(name, value)
        if reply.declared is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(reply.declared))
        self.end_headers()

    def _gone(self) -> bool:
        """Whether the client has closed its side; it never does while it waits for an answer."""
        try:
            readable, _, _ = select.select([self.connection], [], [], 0)
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def _hang(self) -> None:
        while not self._gone():
            self.server.vendor.sleep(POLL)


class Server(ThreadingHTTPServer):
    """One thread for each connection: hundreds of calls wait, few work."""

    daemon_threads = True
    block_on_close = False
    # A burst of calls waits in the socket's queue; the default of 5 would refuse it.
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], vendor: Vendor, control: Control) -> None:
        self.vendor = vendor
        self.control = control
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Without the look-up of the host's name that http.server makes: it can take seconds."""
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


Answer = Callable[[Handler, bytes, str], None]


def free(route: Callable[[Vendor, str, str, Message], Errand]) -> dict[str, Answer]:
    """A route that is read and costs nothing."""

    def answer(handler: Handler, _: bytes, argument: str) -> None:
        handler.hand_over(route(handler.server.vendor, argument, handler.path, handler.headers))

    return {"GET": answer}


# The first pattern that fits decides; a verb it does not name is a 405. The group is the route's argument.
ROUTES: list[tuple[str, dict[str, Answer]]] = [
    (r"/__control__/?", {"GET": Handler.show, "PUT": Handler.change, "POST": Handler.change}),
    (r"/v1/get-user-credits", free(desk.credits)),
    (r"/v1/requests/([A-Za-z0-9-]+)", free(polls.result)),
    (r"/v1/([A-Za-z0-9._-]+)", {"POST": Handler.generate}),
    (r"/v2/requests/([A-Za-z0-9-]+)/status", free(polls.status)),
    (r"/v2/requests/([A-Za-z0-9-]+)", free(polls.result)),
    (r"/v2/([A-Za-z0-9._-]+)", {"POST": Handler.submit}),
    (r"/inference-request/generations", free(history.generations)),
    (r"/inference-request/recent-generations", free(history.recent)),
    (r"/generations/([A-Za-z0-9._-]+)", free(desk.file)),
]
