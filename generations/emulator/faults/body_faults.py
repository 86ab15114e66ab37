"""Faults of delivery: the work is done and charged, and what reaches the client is not what was paid for.

`charge` off turns the two silent ones into a connection that was lost before anything was done.
"""

import base64
import functools
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from PIL import Image, ImageOps

from generations.emulator.faults.script import fault
from generations.emulator.reply import HTML, JSON, Reply, json_reply
from generations.emulator.requests.base import ProviderRequest, Route

BLOCK = 64 * 1024
PICTURES: tuple[Route, ...] = ("v1", "files")
NUMBERS = ("x-cost", "X-Remaining-Credits", "X-Generation-Time", "X-Seed-Value")
# No status line is ever sent; the ledger shows it as status 0.
NO_REPLY = Reply(0)
Change = Callable[..., Reply]


def body_fault(name: str, *routes: Route) -> Callable[[Change], Change]:
    """Register a change of a good reply; a request that is refused anyway is refused as usual."""

    def register(change: Change) -> Change:
        @functools.wraps(change)
        def answer(request: ProviderRequest, **options: Any) -> Reply:
            good = request.finish()
            return change(good, request, **options) if good.status == 200 else good

        fault(name, *routes)(answer)
        return change

    return register


@fault("hang")
def hang(request: ProviderRequest, *, charge: bool = True) -> Reply:
    """Silent until the client leaves; without `charge` the request never reached a worker."""
    return replace(request.finish() if charge else NO_REPLY, delivery="hang")


@fault("drop")
def drop(request: ProviderRequest, *, reset: bool = False, charge: bool = True) -> Reply:
    """The socket is closed before the status line; without `charge` the request never reached a worker."""
    return replace(request.finish() if charge else NO_REPLY, delivery="reset" if reset else "drop")


@body_fault("cut")
def cut(good: Reply, _: ProviderRequest, *, part: float = 0.5) -> Reply:
    """Content-Length promises the whole body; only a part of it comes."""
    return replace(good, body=good.body[: int(len(good.body) * part)], length=len(good.body))


@body_fault("drip")
def drip(good: Reply, request: ProviderRequest, *, block: int = 1024, pause: float = 0.5) -> Reply:
    """The whole body, slowly; the pause is not divided by the speed-up."""

    def drops() -> Iterator[bytes]:
        for start in range(0, len(good.body), block):
            yield good.body[start : start + block]
            request.provider.wait(pause)

    return replace(good, chunks=drops(), length=len(good.body))


@body_fault("oversized", *PICTURES)
def oversized(
    good: Reply, request: ProviderRequest, *, megabytes: int = 100, declared: bool = True, pause: float = 0.0
) -> Reply:
    """A picture with a very long tail of zeros; `declared` says whether Content-Length warns of it."""
    size = megabytes * 1024 * 1024

    def flood() -> Iterator[bytes]:
        # Made block by block, so that the size costs no memory.
        yield good.body[:size]
        for left in range(size - len(good.body), 0, -BLOCK):
            request.provider.wait(pause)
            yield bytes(min(BLOCK, left))

    return replace(good, chunks=flood(), length=size if declared else None)


@body_fault("json-error")
def json_error(good: Reply, _: ProviderRequest, *, text: str = "Failed while returning the output") -> Reply:
    return _typed(good, JSON, json_reply(200, {"error": text}).body)


@body_fault("html")
def page(good: Reply, _: ProviderRequest) -> Reply:
    text = b"<!doctype html><html><head><title>Segmind</title></head><body>Sign in</body></html>"
    return _typed(good, HTML, text)


@body_fault("empty")
def empty(good: Reply, _: ProviderRequest) -> Reply:
    return replace(good, body=b"")


@body_fault("truncated")
def truncated(good: Reply, _: ProviderRequest, *, part: float = 0.6) -> Reply:
    """An honest Content-Length over an image that ends too early."""
    return replace(good, body=good.body[: int(len(good.body) * part)])


@body_fault("other-format", *PICTURES)
def other_format(good: Reply, _: ProviderRequest, *, format: str = "png") -> Reply:
    """Another image format than asked, under its own content type."""
    return _typed(good, f"image/{format}", _encoded(_opened(good), format))


@body_fault("other-size", *PICTURES)
def other_size(good: Reply, _: ProviderRequest, *, width: int = 512, height: int = 512) -> Reply:
    image = _opened(good)
    return replace(good, body=_encoded(ImageOps.fit(image, (width, height)), image.format))


@body_fault("black", *PICTURES)
def black(good: Reply, _: ProviderRequest) -> Reply:
    """What a moderation filter may send in place of the picture."""
    image = _opened(good)
    return replace(good, body=_encoded(Image.new("RGB", image.size), image.format))


@body_fault("animated", *PICTURES)
def animated(good: Reply, _: ProviderRequest, *, format: str = "webp", frames: int = 3) -> Reply:
    """The picture as the first frame of an animation in this format: png, webp or avif."""
    image = _opened(good).convert("RGB")
    later = [ImageOps.invert(image) if number % 2 else image for number in range(1, frames)]
    return _typed(good, f"image/{format}", _encoded(image, format, save_all=True, append_images=later))


@body_fault("trailing", *PICTURES)
def trailing(good: Reply, _: ProviderRequest, *, text: str = "<script>alert(1)</script>") -> Reply:
    """Something else behind the end of the picture."""
    return replace(good, body=good.body + text.encode())


@body_fault("wrong-type")
def wrong_type(good: Reply, _: ProviderRequest, *, content_type: str = "application/octet-stream") -> Reply:
    return _typed(good, content_type, good.body)


@body_fault("no-type")
def no_type(good: Reply, _: ProviderRequest) -> Reply:
    return replace(good, headers={name: value for name, value in good.headers.items() if name != "Content-Type"})


@body_fault("no-headers", "v1")
def no_headers(good: Reply, _: ProviderRequest) -> Reply:
    """The picture without any of the accounting headers."""
    kept = {name: value for name, value in good.headers.items() if not name.lower().startswith("x-")}
    return replace(good, headers=kept)


@body_fault("bad-headers", "v1")
def bad_headers(good: Reply, _: ProviderRequest, *, value: str = "NaN-ish") -> Reply:
    """The accounting headers hold text that is no number."""
    return replace(good, headers={**good.headers, **{name: value for name in NUMBERS if name in good.headers}})


@body_fault("json-base64", "v1")
def json_base64(good: Reply, _: ProviderRequest, *, key: str = "image") -> Reply:
    """The picture as other models of the provider send it: base64 in JSON."""
    return _typed(good, JSON, json_reply(200, {key: base64.b64encode(good.body).decode()}).body)


@body_fault("json-url", "v1")
def json_url(good: Reply, request: ProviderRequest, *, url: str = "") -> Reply:
    """JSON that names an address: a file of this server, or the one given (another host, a private address)."""
    address = url or request.provider.publish(good.headers["Content-Type"], good.body)
    return _typed(good, JSON, json_reply(200, {"image": address}).body)


def _typed(good: Reply, content_type: str, body: bytes) -> Reply:
    return replace(good, body=body, headers={**good.headers, "Content-Type": content_type})


def _opened(good: Reply) -> Image.Image:
    return Image.open(io.BytesIO(good.body))


def _encoded(image: Image.Image, format: str | None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()
