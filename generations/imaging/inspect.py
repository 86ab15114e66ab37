"""The gate: bytes that claim to be a picture become pixels, or UnusableImage. Nothing behind it sees raw bytes."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile, UnidentifiedImageError

from generations.errors import UnusableImage
from generations.imaging.container import NAMES, Format, Size, outline, sniff
from generations.imaging.pixels import plain

MIN_SIDE = 8
MAX_SIDE = 8192
MAX_PIXELS = 40_000_000


@dataclass(frozen=True)
class Inspected:
    """What the bytes turned out to be; `size` counts bytes, `pixels` is decoded sRGB in mode RGB or RGBA."""

    format: Format
    width: int
    height: int
    sha256: str
    size: int
    pixels: Image.Image


def inspect(data: bytes) -> Inspected:
    """Raises UnusableImage, and nothing else, with a sentence that says what was found.

    1. magic bytes; 2. where the file ends and its size from the header; 3. size limits; only then Pillow, told the
    one format: 4. a single frame, checksums; 5. pixels, decoded once. Whatever may be shared (Pillow's limits) is
    set to the same values each time, so threads cannot disturb one another.
    """
    kind = sniff(data)
    size = outline(data, kind)
    _check_size(size)
    return Inspected(kind, *size, hashlib.sha256(data).hexdigest(), len(data), _decode(data, kind, size))


def _check_size(size: Size) -> None:
    width, height = size
    # A header is trusted before anything is allocated for it. That also makes an error of what Pillow only warns
    # about (DecompressionBombWarning, up to twice its limit); a warning filter would be shared by all threads.
    if min(size) < MIN_SIDE or max(size) > MAX_SIDE:
        raise UnusableImage(f"{width} × {height} pixels; each side must have {MIN_SIDE} to {MAX_SIDE}.")
    if width * height > MAX_PIXELS:
        raise UnusableImage(f"{width} × {height} pixels, above the limit of {MAX_PIXELS // 1_000_000} million.")


def _decode(data: bytes, kind: Format, size: Size) -> Image.Image:
    # Any library can flip these two for the whole process, so they are set where they matter.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with _open(data, kind) as image:
            _check_single(image, kind, size)
            # Checks the checksums of a PNG, decodes nothing, and leaves the object unusable.
            image.verify()
        with _open(data, kind) as image:
            image.load()
            _check_single(image, kind, size)
            return plain(image)
    except UnusableImage:
        raise
    except UnidentifiedImageError as error:
        # Its text names a Python object and no cause.
        raise UnusableImage(f"The {NAMES[kind]} picture is broken: its header makes no sense.") from error
    # Broken files make Pillow raise SyntaxError, ValueError, struct.error, OverflowError, MemoryError and more.
    except Exception as error:
        reason = str(error).rstrip(".") or type(error).__name__
        raise UnusableImage(f"The {NAMES[kind]} picture cannot be decoded: {reason}.") from error


def _open(data: bytes, kind: Format) -> Image.Image:
    return Image.open(BytesIO(data), formats=(kind.upper(),))


def _check_single(image: Image.Image, kind: Format, size: Size) -> None:
    # A JPEG that lists further pictures is opened as MPO whatever was asked for.
    if image.format != kind.upper() or getattr(image, "n_frames", 1) != 1:
        raise UnusableImage(f"The picture has {getattr(image, 'n_frames', 1)} frames; only single pictures are kept.")
    if image.size != size:
        raise UnusableImage("The picture contradicts itself about its size.")
