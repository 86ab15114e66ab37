"""Small WebP pictures from decoded pixels: without the source's metadata, marked as AI-generated and nothing else."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image

from generations.imaging.provenance import marked
from generations.imaging.provenance_packet import Mark

WIDTHS = (320, 640, 1280)
QUALITY = 80

PLACEHOLDER_WIDTH = 16
# For a column of 8 × 8192 pixels the page stretches a shorter placeholder.
PLACEHOLDER_HEIGHT = 32
PLACEHOLDER_LENGTH = 250
# Smooth pictures fit with the first; busy and transparent ones need a lower one to stay short.
PLACEHOLDER_QUALITIES = (60, 40, 20, 5, 0)


@dataclass(frozen=True)
class Derived:
    """A WebP for the slot `nominal` (one of WIDTHS); a narrower picture keeps its own width, never enlarged."""

    nominal: int
    width: int
    height: int
    data: bytes


def thumbnails(pixels: Image.Image) -> list[Derived]:
    """Return one thumbnail for each of WIDTHS, narrowest first; slots wider than the picture share one encoding.

    Takes validated RGB or RGBA pixels, and does not change them.
    """
    made: list[Derived] = []
    for nominal, scaled in _scaled(pixels):
        if made and made[-1].width == scaled.width:
            made.append(replace(made[-1], nominal=nominal))
        else:
            made.append(_derived(nominal, scaled))
    return made[::-1]


def thumbnail(pixels: Image.Image, nominal: int) -> Derived:
    """Return the thumbnail for `nominal`, with the same bytes as in `thumbnails`. Raises KeyError outside of WIDTHS."""
    return _derived(nominal, dict(_scaled(pixels))[nominal])


def placeholder(pixels: Image.Image) -> str:
    """Return a data URI of a 16 pixels wide WebP: up to 250 characters for opaque pixels, 300 for busy transparency.

    Random noise resulted in 247 and 291; a longer one is not cut.
    """
    height = min(_height(pixels, PLACEHOLDER_WIDTH), PLACEHOLDER_HEIGHT)
    tiny = _resized(pixels, (PLACEHOLDER_WIDTH, height))
    for quality in PLACEHOLDER_QUALITIES:
        # Method 6 is the slowest with the fewest bytes; on so few pixels it takes less than a millisecond.
        data = _webp(tiny, quality=quality, alpha_quality=quality, method=6)
        address = f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}"
        if len(address) <= PLACEHOLDER_LENGTH:
            break
    return address


def _scaled(pixels: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield each slot with its pixels, widest first, each made from the one before.

    Compared with starting from the full size each time, resizing opaque pictures of one megapixel takes 0.82 to 0.87 of
    the time, of four 0.64 (medians of nine alternating rounds; transparent ones 0.92 to 1.00, and 0.49). With the
    encoding that is 0.96 to 0.98, and 0.84. Opaque narrow ones are 0.1 to 0.4 dB closer to a Lanczos reference, because
    less is left to `reduce`, which averages blocks; the sharper detail costs up to 9 % more bytes.
    """
    scaled = pixels
    for nominal in sorted(WIDTHS, reverse=True):
        width = min(nominal, pixels.width)
        scaled = _resized(scaled, (width, _height(pixels, width)))
        yield nominal, scaled


def _height(pixels: Image.Image, width: int) -> int:
    return max(1, round(pixels.height * width / pixels.width))


def _resized(pixels: Image.Image, size: tuple[int, int]) -> Image.Image:
    # Always a new object, even for the same size, because save() writes into the object it saves and `pixels` may be
    # shared. BICUBIC with reducing_gap=1.0 and WebP method 2 take 0.3 to 0.6 of the time of LANCZOS and method 4,
    # decoding included, for an SSIM lower by 0.005.
    scaled = pixels.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)
    # The copy inherits the file's metadata; without it save() writes none.
    scaled.info = {}
    return scaled


def _derived(nominal: int, scaled: Image.Image) -> Derived:
    data = marked(_webp(scaled, quality=QUALITY, method=2), "webp", Mark())
    return Derived(nominal, scaled.width, scaled.height, data)


def _webp(image: Image.Image, *, quality: int, method: int, alpha_quality: int = 100) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=quality, method=method, alpha_quality=alpha_quality)
    return file.getvalue()
