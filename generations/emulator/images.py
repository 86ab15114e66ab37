"""From a request to image bytes, and the files that are kept in memory."""

import io
import random
from collections import OrderedDict
from threading import Lock

from PIL import Image

from generations.emulator.drawing.picture import draw, mark
from generations.emulator.job import ParsedRequest

MAX_CACHE_BYTES = 64 * 1024 * 1024
# More effort costs time and hardly saves a byte at high quality: `method` is WebP's, `compress_level` PNG's.
OPTIONS = {"png": {"compress_level": 2}, "webp": {"method": 0}, "jpeg": {}}


class FileCache:
    """Content type and content by name; thread-safe. Over the limit the one not asked for longest goes first."""

    def __init__(self, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self._lock = Lock()
        self._files: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._max = max_bytes
        self._size = 0

    def put(self, name: str, content_type: str, content: bytes) -> None:
        with self._lock:
            self._drop(name)
            self._files[name] = (content_type, content)
            self._size += len(content)
            while self._size > self._max:
                self._drop(next(iter(self._files)))

    def get(self, name: str) -> tuple[str, bytes] | None:
        with self._lock:
            if name in self._files:
                self._files.move_to_end(name)
            return self._files.get(name)

    def _drop(self, name: str) -> None:
        _, content = self._files.pop(name, ("", b""))
        self._size -= len(content)


def render(request: ParsedRequest, drawing: str = "full") -> bytes:
    """Return the same bytes for the same request.

    For tests, `plain` is two fields of colour and the mark, and `tiny` the same with an eighth of each side.
    """
    size = (request.width, request.height)
    if drawing == "tiny":
        size = (request.width // 8, request.height // 8)
    if drawing != "full":
        image = _plain(f"{request.prompt!r}|{request.seed}|{request.detail}", size)
    else:
        image = draw(request.prompt, request.seed, size, request.detail)
    return encode(image, request.format, request.quality)


def encode(image: Image.Image, format: str, quality: int) -> bytes:
    """Return a png, jpeg or webp; quality is ignored for png."""
    buffer = io.BytesIO()
    image.save(buffer, format, quality=quality, **OPTIONS[format])
    return buffer.getvalue()


def _plain(key: str, size: tuple[int, int]) -> Image.Image:
    stream = random.Random(key)
    upper, lower = (tuple(stream.randbytes(3)) for _ in range(2))
    image = Image.new("RGB", size, upper)
    image.paste(lower, (0, stream.randrange(size[1]), *size))
    mark(image)
    return image
