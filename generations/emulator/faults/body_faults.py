"""Faults of delivery: the work is done and charged, and what reaches the client is not what was paid for."""

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from PIL import Image, ImageOps

from generations.emulator.faults.types import PICTURES, FaultType, changed
from generations.emulator.reply import HTML, JSON, ProviderReply, json_reply
from generations.emulator.requests.base import ProviderRequest

BLOCK = 64 * 1024
NUMBERS = ("x-cost", "X-Remaining-Credits", "X-Generation-Time", "X-Seed-Value")
PAGE = b"<!doctype html><html><head><title>Segmind</title></head><body>Sign in</body></html>"
# No status line is ever sent; the ledger shows it as status 0.
NO_REPLY = ProviderReply(0)


def hang(request: ProviderRequest, charge: bool) -> ProviderReply:
    """Stay silent until the client leaves; without `charge` the request never reached a worker."""
    return replace(request.finish() if charge else NO_REPLY, delivery="hang")


def drop(request: ProviderRequest, reset: bool, charge: bool) -> ProviderReply:
    """Close the socket before the status line; without `charge` the request never reached a worker."""
    return replace(request.finish() if charge else NO_REPLY, delivery="reset" if reset else "drop")


def drip(good: ProviderReply, request: ProviderRequest, block: int, pause: float) -> ProviderReply:
    """Send the whole body slowly; the pause is not divided by the speed-up."""

    def drops() -> Iterator[bytes]:
        for start in range(0, len(good.body), block):
            yield good.body[start : start + block]
            request.provider.wait(pause)

    return replace(good, chunks=drops(), length=len(good.body))


def oversized(
    good: ProviderReply, request: ProviderRequest, megabytes: int, declared: bool, pause: float
) -> ProviderReply:
    """Send a picture with a very long tail of zeros; `declared` says whether Content-Length warns of it."""
    size = megabytes * 1024 * 1024

    def flood() -> Iterator[bytes]:
        # Made block by block, so that the size costs no memory.
        yield good.body[:size]
        for left in range(size - len(good.body), 0, -BLOCK):
            request.provider.wait(pause)
            yield bytes(min(BLOCK, left))

    return replace(good, chunks=flood(), length=size if declared else None)


def other_size(good: ProviderReply, _: ProviderRequest, width: int, height: int) -> ProviderReply:
    image = _opened(good)
    return replace(good, body=_encoded(ImageOps.fit(image, (width, height)), image.format))


def black(good: ProviderReply, _: ProviderRequest) -> ProviderReply:
    """Send what a moderation filter may send in place of the picture."""
    image = _opened(good)
    return replace(good, body=_encoded(Image.new("RGB", image.size), image.format))


def animated(good: ProviderReply, _: ProviderRequest, format: str, frames: int) -> ProviderReply:
    """Send the picture as the first frame of an animation in this format: png, webp or avif."""
    image = _opened(good).convert("RGB")
    later = [ImageOps.invert(image) if number % 2 else image for number in range(1, frames)]
    return _typed(good, f"image/{format}", _encoded(image, format, save_all=True, append_images=later))


def json_url(good: ProviderReply, request: ProviderRequest, url: str) -> ProviderReply:
    """Send JSON that names an address: a file of this server, or the one given (another host, a private address)."""
    address = url or request.provider.publish(good.headers["Content-Type"], good.body)
    return _typed(good, JSON, json_reply(200, {"image": address}).body)


def json_base64(good: ProviderReply, _: ProviderRequest, key: str) -> ProviderReply:
    """Send the picture as other models of the provider do."""
    return _typed(good, JSON, json_reply(200, {key: base64.b64encode(good.body).decode()}).body)


def without_headers(good: ProviderReply, start: str) -> ProviderReply:
    """Leave out the headers whose names begin with `start`."""
    kept = {name: value for name, value in good.headers.items() if not name.lower().startswith(start)}
    return replace(good, headers=kept)


def bad_headers(good: ProviderReply, _: ProviderRequest, value: str) -> ProviderReply:
    """Put text that is no number into the accounting headers."""
    return replace(good, headers={**good.headers, **{name: value for name in NUMBERS if name in good.headers}})


def _first(good: ProviderReply, part: float) -> bytes:
    return good.body[: int(len(good.body) * part)]


def _typed(good: ProviderReply, content_type: str, body: bytes) -> ProviderReply:
    return replace(good, body=body, headers={**good.headers, "Content-Type": content_type})


def _opened(good: ProviderReply) -> Image.Image:
    return Image.open(io.BytesIO(good.body))


def _encoded(image: Image.Image, format: str | None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


BODY_FAULTS = {
    "hang": FaultType(hang, options={"charge": True}),
    "drop": FaultType(drop, options={"reset": False, "charge": True}),
    # Content-Length promises the whole body; only a part of it comes.
    "cut": changed(lambda good, _, part: replace(good, body=_first(good, part), length=len(good.body)), part=0.5),
    "drip": changed(drip, block=1024, pause=0.5),
    "oversized": changed(oversized, *PICTURES, megabytes=100, declared=True, pause=0.0),
    "json-error": changed(
        lambda good, _, text: _typed(good, JSON, json_reply(200, {"error": text}).body),
        text="Failed while returning the output",
    ),
    "html": changed(lambda good, _: _typed(good, HTML, PAGE)),
    "empty": changed(lambda good, _: replace(good, body=b"")),
    # An honest Content-Length over an image that ends too early.
    "truncated": changed(lambda good, _, part: replace(good, body=_first(good, part)), part=0.6),
    "other-format": changed(
        lambda good, _, format: _typed(good, f"image/{format}", _encoded(_opened(good), format)),
        *PICTURES,
        format="png",
    ),
    "other-size": changed(other_size, *PICTURES, width=512, height=512),
    "black": changed(black, *PICTURES),
    "animated": changed(animated, *PICTURES, format="webp", frames=3),
    "trailing": changed(
        lambda good, _, text: replace(good, body=good.body + text.encode()), *PICTURES, text="<script>alert(1)</script>"
    ),
    "wrong-type": changed(
        lambda good, _, content_type: _typed(good, content_type, good.body), content_type="application/octet-stream"
    ),
    "no-type": changed(lambda good, _: without_headers(good, "content-type")),
    "no-headers": changed(lambda good, _: without_headers(good, "x-"), "v1"),
    "bad-headers": changed(bad_headers, "v1", value="NaN-ish"),
    "json-base64": changed(json_base64, "v1", key="image"),
    "json-url": changed(json_url, "v1", url=""),
}
