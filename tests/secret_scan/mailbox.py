"""A mail server that stores each email as a file."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


class Mailbox(socketserver.ThreadingTCPServer):
    """The server; `url` is the value for EMAIL_URL."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.folder = folder
        self.numbers = count(1)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as Python's smtplib needs."""

    server: Mailbox

    def handle(self) -> None:
        self._say(b"220 mailbox")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say(b"221 bye")
            if verb == b"DATA":
                self._say(b"354 go on")
                self._keep()
            self._say(b"250 ok")
        return None

    def _keep(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        (self.server.folder / f"{next(self.server.numbers)}.eml").write_bytes(b"".join(lines))

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def mailbox(folder: Path) -> Iterator[Mailbox]:
    folder.mkdir(parents=True)
    with Mailbox(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
