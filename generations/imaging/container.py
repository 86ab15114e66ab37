"""The file around the pixels: where it ends, and how large it says the picture is. Nothing is decoded here.

Pillow reads a PNG that lacks its last byte and ignores what follows a picture; polyglots ride along there.
"""

import re
import struct
from collections.abc import Callable
from typing import Literal

from generations.errors import UnusableImage

Format = Literal["png", "jpeg", "webp"]
Size = tuple[int, int]
# A file that was read, or one that is only mapped and read where somebody looks.
Data = bytes | memoryview

# A million empty chunks, or half a million scans, fit into a few MiB and keep a decoder busy for minutes or hours.
# libpng writes one chunk per 8 KiB; the usual progressive scripts write about ten scans.
MAX_PARTS = 20_000
MAX_SCANS = 64

# A marker that means something outside and inside of entropy-coded data: not a stuffed or fill byte, not RSTn.
MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
TEM, SOI, EOI, SOS = 0x01, 0xD8, 0xD9, 0xDA
# SOF0 to SOF15, without DHT, JPG and DAC, which share the range.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# The first name whose magic bytes fit; what is refused is told to a person by this name.
FOREIGN: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("a GIF picture", re.compile(rb"GIF8")),
    ("a TIFF picture", re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+")),
    ("an AVIF picture", re.compile(rb"(?s).{4}ftypavi[fs]")),
    ("a HEIF picture", re.compile(rb"(?s).{4}ftyp(?:hei|hev|mif1|msf1)")),
    ("a video", re.compile(rb"(?s).{4}ftyp|\x1aE\xdf\xa3")),
    ("a JPEG 2000 picture", re.compile(rb"(?s)\0\0\0\x0cjP|\xff\x4f\xff\x51")),
    ("a JPEG XL picture", re.compile(rb"\xff\x0a|\0\0\0\x0cJXL ")),
    ("an icon", re.compile(rb"\0\0[\x01\x02]\0")),
    ("a Photoshop file", re.compile(rb"8BPS")),
    ("a PostScript file", re.compile(rb"%!PS|\xc5\xd0\xd3\xc6")),
    ("a PDF document", re.compile(rb"%PDF")),
    ("a ZIP archive", re.compile(rb"PK[\x03\x05]")),
    ("gzip data", re.compile(rb"\x1f\x8b")),
    ("a BMP picture", re.compile(rb"(?s)BM.{4}\0\0\0\0")),
    ("an HTML page", re.compile(rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)")),
    ("an SVG drawing", re.compile(rb"(?is)(?:\xef\xbb\xbf)?\s*<(?:svg|[?!].*?<svg)")),
    ("an XML document", re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml")),
    ("a JSON document", re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")),
    ("text", re.compile(rb"[\t\n\r\x20-\x7e]+\Z")),
)


def sniff(data: Data) -> Format:
    """Raises UnusableImage that names what was found instead."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if not data:
        raise UnusableImage("The answer is empty, not a PNG, JPEG or WebP picture.")
    head = data[:1024]
    found = next((name for name, magic in FOREIGN if magic.match(head)), f"{len(data):,} bytes of an unknown kind")
    raise UnusableImage(f"The answer is {found}, not a PNG, JPEG or WebP picture.")


def outline(data: Data, kind: Format) -> Size:
    """Width and height as the header has them, once the file ends exactly where the picture does.

    Raises UnusableImage for a file that ends early, goes on after its end, or is cut into too many parts.
    """
    try:
        size, end = OUTLINES[kind](data)
    except (struct.error, IndexError):
        raise _ends_early(kind) from None
    if end > len(data):
        raise _ends_early(kind)
    if end < len(data):
        raise UnusableImage(f"{len(data) - end:,} bytes follow the end of the {NAMES[kind]} picture.")
    return size


def _png(data: Data) -> tuple[Size, int]:
    length, name, width, height = struct.unpack_from(">I4sII", data, 8)
    if (length, name) != (13, b"IHDR"):
        raise UnusableImage("The PNG picture is broken: it does not begin with its header.")
    position = 8
    for _ in range(MAX_PARTS):
        length, name = struct.unpack_from(">I4s", data, position)
        position += 12 + length
        if name == b"IEND":
            return (width, height), position
    raise UnusableImage(f"The PNG picture is cut into more than {MAX_PARTS:,} chunks.")


def _jpeg(data: Data) -> tuple[Size, int]:
    size: Size | None = None
    position = scans = 0
    for _ in range(MAX_PARTS):
        if (found := MARKER.search(data, position)) is None:
            raise _ends_early("jpeg")
        position, marker = found.end(), data[found.end() - 1]
        if marker == EOI:
            if size is None:
                raise UnusableImage("The JPEG picture is broken: it ends without a frame.")
            return size, position
        if marker in (TEM, SOI):
            continue
        if marker in FRAMES and size is None:
            height, width = struct.unpack_from(">HH", data, position + 3)
            size = width, height
        scans += marker == SOS
        if scans > MAX_SCANS:
            raise UnusableImage(f"The JPEG picture is drawn in more than {MAX_SCANS} scans.")
        # Behind the header of a scan, entropy-coded data follows; the next search passes over it.
        position += struct.unpack_from(">H", data, position)[0]
    raise UnusableImage(f"The JPEG picture is cut into more than {MAX_PARTS:,} segments.")


def _webp(data: Data) -> tuple[Size, int]:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    match data[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        case b"VP8 ":
            width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            raise UnusableImage("The WebP picture is broken: it does not begin with its header.")
    return (width, height), end


OUTLINES: dict[Format, Callable[[Data], tuple[Size, int]]] = {"png": _png, "jpeg": _jpeg, "webp": _webp}
NAMES: dict[Format, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


def _ends_early(kind: Format) -> UnusableImage:
    return UnusableImage(f"The {NAMES[kind]} picture ends early.")
