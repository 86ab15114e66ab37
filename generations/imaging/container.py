"""The file around the pixels: its end, the picture's size in its header, and the later frames of an animation.

Nothing is decoded here. Pillow reads a PNG that lacks its last byte and ignores bytes behind a picture, where a
polyglot file hides its other content.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.errors import UnusableImage
from generations.imaging import avif
from generations.imaging.avif import Data, PixelSize

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# Formats that are served. A file in memory is bytes; a memory map that is read on access is a memoryview.
ImageFormat = Literal["png", "jpeg", "webp"]
# Formats that are accepted from a provider.
DetectedFormat = Literal["png", "jpeg", "webp", "avif"]

# A million empty chunks, or half a million scans, fit into a few MiB and keep a decoder busy for minutes or hours.
# libpng writes one chunk per 8 KiB; the usual progressive scripts write about ten scans.
MAX_PARTS = 20_000
MAX_SCANS = 64
# An AVIF may name a small size and decode into anything; twice, because transparency is a picture of its own.
MAX_DECODED = 2 * 40_000_000

# A marker with a meaning outside and inside of entropy-coded data: not a stuffed or fill byte, not RSTn.
MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
TEM, SOI, EOI, SOS = 0x01, 0xD8, 0xD9, 0xDA
# SOF0 to SOF15, without DHT, JPG and DAC, which share the range.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# The first name whose magic bytes match is the one that the user sees for a refused file.
FOREIGN: "tuple[tuple[_StrPromise, re.Pattern[bytes]], ...]" = (
    (gettext_lazy("a GIF picture"), re.compile(rb"GIF8")),
    (gettext_lazy("a TIFF picture"), re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+")),
    (gettext_lazy("a HEIF picture"), re.compile(rb"(?s).{4}ftyp(?:hei|hev|mif1|msf1)")),
    (gettext_lazy("a video"), re.compile(rb"(?s).{4}ftyp|\x1aE\xdf\xa3")),
    (gettext_lazy("a JPEG 2000 picture"), re.compile(rb"(?s)\0\0\0\x0cjP|\xff\x4f\xff\x51")),
    (gettext_lazy("a JPEG XL picture"), re.compile(rb"\xff\x0a|\0\0\0\x0cJXL ")),
    (gettext_lazy("an icon"), re.compile(rb"\0\0[\x01\x02]\0")),
    (gettext_lazy("a Photoshop file"), re.compile(rb"8BPS")),
    (gettext_lazy("a PostScript file"), re.compile(rb"%!PS|\xc5\xd0\xd3\xc6")),
    (gettext_lazy("a PDF document"), re.compile(rb"%PDF")),
    (gettext_lazy("a ZIP archive"), re.compile(rb"PK[\x03\x05]")),
    (gettext_lazy("gzip data"), re.compile(rb"\x1f\x8b")),
    (gettext_lazy("a BMP picture"), re.compile(rb"(?s)BM.{4}\0\0\0\0")),
    (gettext_lazy("an HTML page"), re.compile(rb"(?i)(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)")),
    (gettext_lazy("an SVG drawing"), re.compile(rb"(?is)(?:\xef\xbb\xbf)?\s*<(?:svg|[?!].*?<svg)")),
    (gettext_lazy("an XML document"), re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml")),
    (gettext_lazy("a JSON document"), re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")),
    (gettext_lazy("text"), re.compile(rb"[\t\n\r\x20-\x7e]+\Z")),
)
WEBP_ANIMATED = 0x02
PNG_ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})


@dataclass(frozen=True)
class Outline:
    """The structure of a file. `still` is the file as a single picture, without later frames or bytes behind it."""

    size: PixelSize
    still: Data
    animated: bool = False


def sniff(data: Data) -> DetectedFormat:
    """Return the format by the magic bytes. Raises UnusableImage that names what was found instead."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if avif.is_avif(data):
        return "avif"
    if not data:
        raise UnusableImage(_("The response is empty, not a PNG, JPEG, WebP or AVIF picture."))
    head = data[:1024]
    found = next((str(name) for name, magic in FOREIGN if magic.match(head)), "")
    if not found:
        text = _("The response is %(count)s bytes of an unknown type, not a PNG, JPEG, WebP or AVIF picture.")
        raise UnusableImage(text % {"count": f"{len(data):,}"})
    raise UnusableImage(_("The response is %(kind)s, not a PNG, JPEG, WebP or AVIF picture.") % {"kind": found})


def looks_like_picture(data: Data) -> bool:
    """Return whether it begins like a file of an accepted format."""
    try:
        return bool(sniff(data))
    except UnusableImage:
        return False


def outline(data: Data, kind: DetectedFormat) -> Outline:
    """Return the structure of a file. Raises UnusableImage for a truncated file, or one with too many parts."""
    try:
        return OUTLINES[kind](data)
    except (struct.error, IndexError):
        raise UnusableImage(_("The %(format)s file is incomplete.") % {"format": NAMES[kind]}) from None


def _png(data: Data) -> Outline:
    length, name, width, height = struct.unpack_from(">I4sII", data, 8)
    if (length, name) != (13, b"IHDR"):
        raise UnusableImage(_("The PNG file is damaged: it doesn't start with its header."))
    # The parts that are kept, and the start of the one that is being read.
    position, start, kept = 8, 0, []
    for _step in range(MAX_PARTS):
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if name in PNG_ANIMATION:
            kept.append(data[start:position])
            start = end
        position = end
        if name == b"IEND":
            last = _until(data, position)[start:]
            return Outline((width, height), b"".join([*kept, last]) if kept else last, bool(kept))
    raise UnusableImage(_("The PNG file has too many chunks."))


def _jpeg(data: Data) -> Outline:
    size: PixelSize | None = None
    position = scans = 0
    for _step in range(MAX_PARTS):
        if (found := MARKER.search(data, position)) is None:
            raise IndexError
        position, marker = found.end(), data[found.end() - 1]
        if marker == EOI:
            if size is None:
                raise UnusableImage(_("The JPEG file is damaged: it contains no frame."))
            return Outline(size, _until(data, position))
        if marker in (TEM, SOI):
            continue
        if marker in FRAMES and size is None:
            height, width = struct.unpack_from(">HH", data, position + 3)
            size = width, height
        scans += marker == SOS
        if scans > MAX_SCANS:
            raise UnusableImage(_("The JPEG file has too many scans."))
        # Entropy-coded data follows the header of a scan; the next search skips it.
        position += struct.unpack_from(">H", data, position)[0]
    raise UnusableImage(_("The JPEG file has too many segments."))


def _webp(data: Data) -> Outline:
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
            raise UnusableImage(_("The WebP file is damaged: it doesn't start with its header."))
    whole = _until(data, end)
    animated, first = _first_of_webp(whole)
    return Outline((width, height), first if animated else whole, animated)


def _first_of_webp(data: Data) -> tuple[bool, Data]:
    """Return whether it is an animation, and the file with its first frame only."""
    if data[12:16] != b"VP8X":
        return False, data
    position = 12
    for _step in range(MAX_PARTS):
        if position >= len(data):
            return bool(data[20] & WEBP_ANIMATED), data
        name, length = struct.unpack_from("<4sI", data, position)
        position += 8 + length + length % 2
        if name == b"ANMF":
            rest = _until(data, position)[12:]
            return True, b"".join([b"RIFF", struct.pack("<I", 4 + len(rest)), b"WEBP", rest])
    raise UnusableImage(_("The WebP file has too many chunks."))


def _avif(data: Data) -> Outline:
    found = avif.read(data)
    if found.decoded > MAX_DECODED:
        text = _("The AVIF file decodes into %(count)s pixels; the maximum is %(most)s.")
        raise UnusableImage(text % {"count": f"{found.decoded:,}", "most": f"{MAX_DECODED:,}"})
    return Outline(found.size, avif.still(data, found), bool(found.tracks))


def _until(data: Data, end: int) -> Data:
    """Return the bytes before `end`. Raises IndexError when the file ends earlier."""
    if end > len(data):
        raise IndexError
    return data[:end]


OUTLINES: dict[DetectedFormat, Callable[[Data], Outline]] = {"png": _png, "jpeg": _jpeg, "webp": _webp, "avif": _avif}
NAMES: dict[DetectedFormat, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP", "avif": "AVIF"}
