"""From an order to image bytes: the picture and its format."""

import io
import random

from PIL import Image

from generations.emulator.drawing.picture import draw, mark

# WebP’s least effort: more of it costs time and hardly saves a byte at high quality.
METHOD = 0


def paint(prompt: str, seed: int, size: tuple[int, int], detail: float, *, plain: bool = False) -> Image.Image:
    """The same input gives the same picture; `plain` is two fields of colour and the mark, for tests of load."""
    if not plain:
        return draw(prompt, seed, size, detail)
    dice = random.Random(f"{prompt!r}|{seed}|{detail}")
    upper, lower = ((dice.randrange(256), dice.randrange(256), dice.randrange(256)) for _ in range(2))
    image = Image.new("RGB", size, upper)
    image.paste(lower, (0, dice.randrange(size[1]), *size))
    mark(image)
    return image


def encode(image: Image.Image, format: str, quality: int) -> bytes:
    """`format` is png, jpeg or webp; quality is ignored for png."""
    buffer = io.BytesIO()
    if format == "png":
        image.save(buffer, format, compress_level=2)
    elif format == "webp":
        image.save(buffer, format, quality=quality, method=METHOD)
    else:
        image.save(buffer, format, quality=quality)
    return buffer.getvalue()
