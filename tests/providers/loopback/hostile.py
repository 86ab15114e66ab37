"""A loopback server that answers as badly as a test requests: every behaviour is a function of one accepted socket."""

import gzip
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

Behaviour = Callable[[socket.socket], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 100
PAGE = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502</h1></center></body></html>"
GAP = 0.05


class Hostile:
    """A server on a free port while entered; `requests` holds what each caller sent, head and body."""

    def __init__(self, behaviour: Behaviour, *, reads: bool = True, tls: ssl.SSLContext | None = None) -> None:
        self.behaviour = behaviour
        self.reads = reads
        self.tls = tls
        self.requests: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.accepting = threading.Thread(target=self._accept)
        self.serving: list[threading.Thread] = []
        self.callers: list[socket.socket] = []

    def __enter__(self) -> Self:
        self.accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that waits in accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        # Sending to a caller that half-closed its connection would wait here for the kernel's next probe.
        for caller in self.callers:
            with suppress(OSError):
                caller.shutdown(socket.SHUT_RDWR)
        for thread in self.serving:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self.listener.accept()
                thread = threading.Thread(target=self._serve, args=(caller,))
                self.serving.append(thread)
                thread.start()

    def _serve(self, caller: socket.socket) -> None:
        # A behaviour that writes endlessly ends when the caller closes the connection.
        with suppress(OSError), caller:
            caller.settimeout(20)
            talking = self.tls.wrap_socket(caller, server_side=True) if self.tls else caller
            self.callers.append(talking)
            with talking:
                if self.reads:
                    self.requests.append(received(talking))
                self.respond(talking)

    def respond(self, caller: socket.socket) -> None:
        self.behaviour(caller)


def received(caller: socket.socket) -> bytes:
    """Read one request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = caller.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(status: int = 200, body: bytes = PNG, headers: Mapping[str, str] | None = None) -> Behaviour:
    """Send a well-formed answer."""
    lines = {"Content-Length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} Status\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return raw(head.encode() + b"\r\n" + body)


def raw(data: bytes) -> Behaviour:
    """Send exactly these bytes, then end."""
    return lambda caller: caller.sendall(data)


def reset_after(data: bytes = b"") -> Behaviour:
    """Send these bytes, then a reset instead of an end."""

    def behave(caller: socket.socket) -> None:
        caller.sendall(data)
        time.sleep(GAP)
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def hang_after(data: bytes = b"") -> Behaviour:
    """Send these bytes, then nothing until the caller closes the connection."""

    def behave(caller: socket.socket) -> None:
        caller.sendall(data)
        while caller.recv(65536):
            pass

    return behave


def drip_after(data: bytes = b"", *, drops: bytes = b"x", gap: float = GAP) -> Behaviour:
    """Send these bytes, then a few more at intervals, endlessly."""

    def behave(caller: socket.socket) -> None:
        caller.sendall(data)
        while True:
            caller.sendall(drops)
            time.sleep(gap)

    return behave


def flood_after(data: bytes = b"", *, flood: bytes = b"x") -> Behaviour:
    """Send these bytes, then more as fast as the caller reads, endlessly."""

    def behave(caller: socket.socket) -> None:
        caller.sendall(data)
        block = flood * (65536 // len(flood))
        while True:
            caller.sendall(block)

    return behave


def gzip_bomb() -> bytes:
    """Return an answer with 50 MiB of zeros in 50 KiB."""
    packed = gzip.compress(bytes(50 * 1024 * 1024))
    return HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed


def error_body(text: str) -> bytes:
    """Return an error document in the vendor's format."""
    return json.dumps({"error": text}, indent=2).encode() + b"\n"


def free_port() -> int:
    """Return a port on which no process listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
