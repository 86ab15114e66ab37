"""What the emulator sends back, the good and the faulty alike."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal

JSON = "application/json"
HTML = "text/html"
NO_HEADERS: Mapping[str, str] = {}
# Sent with every answer of the gateway, as captured from the provider in July 2025.
COMMON = {
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Generation-Time, X-Request-ID, X-Seed-Value",
}
PAGE = """<html>\r
<head><title>{title}</title></head>\r
<body>\r
<center><h1>{title}</h1></center>\r
<hr><center>nginx/1.18.0 (Ubuntu)</center>\r
</body>\r
</html>\r
"""

# send: headers and body; drop: close without a byte; reset: the same with RST; hang: keep open and say nothing.
Delivery = Literal["send", "drop", "reset", "hang"]


@dataclass(frozen=True)
class ProviderReply:
    """`chunks` replaces `body` when the pace or the size matters; `length` is declared instead of the true length.

    A declared length of None means: no Content-Length, the body ends when the connection does.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    length: int | None = -1
    delivery: Delivery = "send"

    @property
    def declared(self) -> int | None:
        return len(self.body) if self.length == -1 else self.length


def json_reply(
    status: int, document: object, headers: Mapping[str, str] = NO_HEADERS, *, pretty: bool = False
) -> ProviderReply:
    """Return JSON; `pretty` is how the provider's workers write; its gateway writes compact JSON."""
    text = json.dumps(document, indent=2) + "\n" if pretty else json.dumps(document)
    return ProviderReply(status, text.encode(), {"Content-Type": JSON, **headers})


def error_reply(
    status: int, text: str, headers: Mapping[str, str] = NO_HEADERS, *, pretty: bool = False
) -> ProviderReply:
    return json_reply(status, {"error": text}, headers, pretty=pretty)


def page_reply(status: int) -> ProviderReply:
    """Return the HTML page that nginx puts in front of a failing or refusing upstream."""
    text = PAGE.format(title=f"{status} {HTTPStatus(status).phrase}")
    return ProviderReply(status, text.encode(), {"Content-Type": HTML})


def format_time(seconds: float) -> str:
    """Write a moment as the provider does: UTC, a space in place of T, no zone."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
