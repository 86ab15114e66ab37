"""Faults of delivery: the work is done and charged, and what reaches the client is not what was paid for.

`charge` off turns the two silent ones into a connection that was lost before anything was done.
"""

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from PIL import Image, ImageOps

from generations.emulator.faults.job import Job
from generations.emulator.http.reply import HTML, JSON, Reply, as_json

BLOCK = 64 * 1024
OWN_HEADERS = ("X-", "x-")
# No status line is ever sent; the ledger shows it as status 0.
NOTHING = Reply(0)
Spoil = Callable[[Reply], Reply]


def hang(job: Job, *, charge: bool = True) -> Reply:
    """Silent until the client leaves; without `charge` the order never reached a worker."""
    return replace(job.finish() if charge else NOTHING, manner="hang")


def drop(job: Job, *, reset: bool = False, charge: bool = True) -> Reply:
    """The socket is closed before the status line; without `charge` the order never reached a worker."""
    return replace(job.finish() if charge else NOTHING, manner="reset" if reset else "drop")


def cut(job: Job, *, part: float = 0.5) -> Reply:
    """Content-Length promises the whole body; only a part of it comes."""
    return _if_good(
        job.finish(), lambda good: replace(good, body=good.body[: int(len(good.body) * part)], length=len(good.body))
    )


def drip(job: Job, *, block: int = 1024, pause: float = 0.5) -> Reply:
    """The whole body, slowly; the pause is undivided."""
    return _if_good(
        job.finish(), lambda good: replace(good, chunks=_drops(job, good.body, block, pause), length=len(good.body))
    )


def oversized(job: Job, *, megabytes: int = 100, declared: bool = True, pause: float = 0.0) -> Reply:
    """A picture with a very long tail; `declared` says whether Content-Length warns of it."""
    size = megabytes * 1024 * 1024

    def spoil(good: Reply) -> Reply:
        return replace(good, chunks=_flood(job, good.body, size, pause), length=size if declared else None)

    return _if_good(job.finish(), spoil)


def json_error(job: Job, *, text: str = "Failed while returning the output") -> Reply:
    return _body(job, JSON, as_json(200, {"error": text}).body)


def page(job: Job) -> Reply:
    return _body(job, HTML, b"<!doctype html><html><head><title>Segmind</title></head><body>Sign in</body></html>")


def nothing(job: Job) -> Reply:
    return _if_good(job.finish(), lambda good: replace(good, body=b""))


def truncated(job: Job, *, part: float = 0.6) -> Reply:
    """An honest Content-Length over an image that ends too early."""
    return _if_good(job.finish(), lambda good: replace(good, body=good.body[: int(len(good.body) * part)]))


def other_format(job: Job, *, format: str = "png") -> Reply:
    """Another image format than asked, under its own content type."""

    def spoil(good: Reply) -> Reply:
        body = _encoded(_opened(good), format)
        return replace(good, body=body, headers={**good.headers, "Content-Type": f"image/{format}"})

    return _if_good(job.finish(), spoil)


def other_size(job: Job, *, width: int = 512, height: int = 512) -> Reply:
    def spoil(good: Reply) -> Reply:
        image = _opened(good)
        return replace(good, body=_encoded(ImageOps.fit(image, (width, height)), str(image.format)))

    return _if_good(job.finish(), spoil)


def black(job: Job) -> Reply:
    """What a moderation filter may send in place of the picture."""

    def spoil(good: Reply) -> Reply:
        image = _opened(good)
        return replace(good, body=_encoded(Image.new("RGB", image.size), str(image.format)))

    return _if_good(job.finish(), spoil)


def animated(job: Job, *, format: str = "webp", frames: int = 3) -> Reply:
    """The picture as the first frame of an animation in this format: png, webp or avif."""

    def spoil(good: Reply) -> Reply:
        image = _opened(good).convert("RGB")
        later = [ImageOps.invert(image) if number % 2 else image for number in range(1, frames)]
        body = _encoded(image, format, save_all=True, append_images=later)
        return replace(good, body=body, headers={**good.headers, "Content-Type": f"image/{format}"})

    return _if_good(job.finish(), spoil)


def trailing(job: Job, *, text: str = "<script>alert(1)</script>") -> Reply:
    """Something else behind the end of the picture."""
    return _if_good(job.finish(), lambda good: replace(good, body=good.body + text.encode()))


def wrong_type(job: Job, *, content_type: str = "application/octet-stream") -> Reply:
    return _if_good(job.finish(), lambda good: replace(good, headers={**good.headers, "Content-Type": content_type}))


def no_type(job: Job) -> Reply:
    return _if_good(
        job.finish(), lambda good: replace(good, headers={k: v for k, v in good.headers.items() if k != "Content-Type"})
    )


def no_headers(job: Job) -> Reply:
    """The picture without any of the accounting headers."""
    return _if_good(
        job.finish(),
        lambda good: replace(good, headers={k: v for k, v in good.headers.items() if not k.startswith(OWN_HEADERS)}),
    )


def bad_headers(job: Job, *, value: str = "NaN-ish") -> Reply:
    """The accounting headers hold text that is no number."""
    names = ("x-cost", "X-Remaining-Credits", "X-Generation-Time", "X-Seed-Value")
    return _if_good(
        job.finish(),
        lambda good: replace(good, headers={k: value if k in names else v for k, v in good.headers.items()}),
    )


def json_base64(job: Job, *, key: str = "image") -> Reply:
    """The picture as other models of the vendor send it: base64 in JSON."""

    def spoil(good: Reply) -> Reply:
        text = base64.b64encode(good.body).decode()
        return replace(good, body=as_json(200, {key: text}).body, headers={**good.headers, "Content-Type": JSON})

    return _if_good(job.finish(), spoil)


def json_url(job: Job, *, url: str = "") -> Reply:
    """JSON that names an address: a file of this server, or the one given (another host, a private address)."""

    def spoil(good: Reply) -> Reply:
        address = url or job.publish(good.headers["Content-Type"], good.body)
        return replace(good, body=as_json(200, {"image": address}).body, headers={**good.headers, "Content-Type": JSON})

    return _if_good(job.finish(), spoil)


def _if_good(good: Reply, spoil: Spoil) -> Reply:
    """A request that is refused anyway has nothing to spoil."""
    return spoil(good) if good.status == 200 else good


def _body(job: Job, content_type: str, body: bytes) -> Reply:
    return _if_good(
        job.finish(), lambda good: replace(good, body=body, headers={**good.headers, "Content-Type": content_type})
    )


def _opened(good: Reply) -> Image.Image:
    return Image.open(io.BytesIO(good.body))


def _encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _drops(job: Job, body: bytes, block: int, pause: float) -> Iterator[bytes]:
    for start in range(0, len(body), block):
        yield body[start : start + block]
        job.wait(pause)


def _flood(job: Job, body: bytes, size: int, pause: float) -> Iterator[bytes]:
    """The picture, then zeros; made block by block, so that the size costs no memory."""
    yield body[:size]
    left = size - len(body)
    while left > 0:
        job.wait(pause)
        yield bytes(min(BLOCK, left))
        left -= BLOCK
