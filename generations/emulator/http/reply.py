"""What the emulator sends back, the good and the spoiled alike."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

JSON = "application/json"
HTML = "text/html"
# Sent with every answer of the gateway, as captured from the vendor in July 2025.
COMMON = {
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Generation-Time, X-Request-ID, X-Seed-Value",
}

# send: headers and body; drop: close without a byte; reset: the same with RST; hang: keep open and say nothing.
Manner = Literal["send", "drop", "reset", "hang"]


@dataclass(frozen=True)
class Reply:
    """`chunks` replaces `body` when the pace or the size matters; `length` is declared instead of the true length.

    A declared length of None means: no Content-Length, the body ends when the connection does.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    length: int | None = -1
    manner: Manner = "send"

    @property
    def declared(self) -> int | None:
        return len(self.body) if self.length == -1 else self.length


def as_json(status: int, document: object, headers: Mapping[str, str] | None = None, *, pretty: bool = False) -> Reply:
    """`pretty` is how the vendor's workers write; its gateway writes compact JSON."""
    text = json.dumps(document, indent=2) + "\n" if pretty else json.dumps(document)
    return Reply(status, text.encode(), {"Content-Type": JSON, **(headers or {})})


def as_error(status: int, text: str, headers: Mapping[str, str] | None = None, *, pretty: bool = False) -> Reply:
    return as_json(status, {"error": text}, headers, pretty=pretty)


def as_page(status: int, headers: Mapping[str, str] | None = None) -> Reply:
    """The HTML page that nginx puts in front of a failing or refusing upstream."""
    title = f"{status} {HTTPStatus(status).phrase}"
    lines = [
        f"<html>\r\n<head><title>{title}</title></head>",
        f"<body>\r\n<center><h1>{title}</h1></center>",
        "<hr><center>nginx/1.18.0 (Ubuntu)</center>",
        "</body>",
        "</html>",
    ]
    return Reply(status, ("\r\n".join(lines) + "\r\n").encode(), {"Content-Type": HTML, **(headers or {})})
