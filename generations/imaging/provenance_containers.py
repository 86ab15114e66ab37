"""Metadata blocks in picture files: finding, inserting and removing them without touching the pixels.

A file is passed as a list of its pieces, so that nothing is copied before it is joined or hashed.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from django.utils.translation import gettext as _

from generations.errors import UnusableImage
from generations.imaging.avif import Data
from generations.imaging.container import EOI, MAX_PARTS, NAMES, SOS, TEM, ImageFormat, outline

Pieces = list[bytes | memoryview]

PNG_XMP = b"XML:com.adobe.xmp\0"
# Not compressed, no language, no translated keyword.
PNG_PLAIN = b"\0\0\0\0"
JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
APP0, APP1, APP11 = 0xE0, 0xE1, 0xEB
# Matched as one, because there may be megabytes of them.
FILL = re.compile(rb"\xff+")
# Markers without a length.
STAND_ALONE = frozenset({TEM, *range(0xD0, 0xD8)})
WEBP_XMP, WEBP_ALPHA = 0x04, 0x10
WEBP_FLAGS_AT = 20
EXTENDED_HEADER = 10


@dataclass(frozen=True)
class ContainerPart:
    """A chunk, or a segment before the first scan: bytes `start` to `end` of the file, with its content."""

    name: bytes
    start: int
    end: int
    body: memoryview


def parts(data: Data, kind: ImageFormat) -> list[ContainerPart]:
    """Return the parts of a file. Raises UnusableImage for a truncated one, or one with too many."""
    found: list[ContainerPart] = []
    try:
        for part in PARTS[kind](data):
            found.append(part)
            if part.end > len(data) or len(found) > MAX_PARTS:
                raise _broken(kind)
    except (struct.error, IndexError):
        raise _broken(kind) from None
    if not found:
        raise _broken(kind)
    return found


def packet_of(part: ContainerPart, kind: ImageFormat) -> bytes | None:
    """Return the XMP packet in this part; None when there is none."""
    match kind:
        case "png" if part.name == b"iTXt" and part.body[: len(PNG_XMP)] == PNG_XMP:
            return bytes(part.body[len(PNG_XMP) + len(PNG_PLAIN) :])
        case "jpeg" if part.name[0] == APP1 and part.body[: len(JPEG_XMP)] == JPEG_XMP:
            return bytes(part.body[len(JPEG_XMP) :])
        case "webp" if part.name == b"XMP ":
            return bytes(part.body)
    return None


def is_manifest(part: ContainerPart, kind: ImageFormat) -> bool:
    """Return whether it belongs to a C2PA manifest, which signs every other byte of the file."""
    match kind:
        case "png":
            return part.name == b"caBX"
        case "jpeg":
            return part.name[0] == APP11 and bytes(part.body[:2]) == b"JP"
        case "webp":
            return part.name == b"C2PA"


def put_in(data: Data, kind: ImageFormat, found: list[ContainerPart], packet: bytes) -> Pieces:
    """Return the file with an XMP packet, at a fixed place for each format, so that `taken_out` can undo it."""
    view = memoryview(data)
    match kind:
        case "png":
            at, added = found[0].end, _chunk(b"iTXt", PNG_XMP + PNG_PLAIN + packet)
        case "jpeg":
            at, added = _behind_heads(found), _segment(APP1, JPEG_XMP + packet)
        case "webp":
            return _put_into_webp(data, found, packet)
    return [view[:at], added, view[at:]]


def taken_out(data: Data, kind: ImageFormat, found: list[ContainerPart], part: ContainerPart) -> list[Pieces]:
    """Return the files that `put_in` may have started from; two for a WebP, with and without the header for XMP."""
    view = memoryview(data)
    if kind != "webp":
        return [[view[: part.start], view[part.end :]]]
    if found[0].name != b"VP8X":
        return []  # not marked by this software
    extended = bytearray(view[12 : found[0].end])
    extended[WEBP_FLAGS_AT - 12] &= ~WEBP_XMP
    others: Pieces = [view[found[0].end : part.start], view[part.end :]]
    return [_riff([bytes(extended), *others]), _riff(others)]


def without(data: Data, kind: ImageFormat, gone: list[ContainerPart]) -> bytes:
    """Return the file without these parts, which are sorted by position."""
    view = memoryview(data)
    starts, ends = [0, *(part.end for part in gone)], [*(part.start for part in gone), len(view)]
    rest: Pieces = [view[start:end] for start, end in zip(starts, ends, strict=True)]
    return b"".join(_riff([rest[0][12:], *rest[1:]]) if kind == "webp" else rest)


def _chunks_of_png(data: Data) -> Iterator[ContainerPart]:
    view, position = memoryview(data), 8
    while position < len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        yield ContainerPart(name, position, end, view[position + 8 : end - 4])
        position = end


def _segments_of_jpeg(data: Data) -> Iterator[ContainerPart]:
    view, position = memoryview(data), 2
    while data[position] == 0xFF and (marker := data[position + 1]) not in {SOS, EOI}:
        if marker == 0xFF:
            position = FILL.match(data, position).end() - 1  # type: ignore[union-attr]  # two of them were just seen
            continue
        length = 0 if marker in STAND_ALONE else max(2, struct.unpack_from(">H", data, position + 2)[0])
        end = position + 2 + length
        yield ContainerPart(bytes([marker]), position, end, view[position + 4 : end])
        position = end


def _chunks_of_webp(data: Data) -> Iterator[ContainerPart]:
    view, position = memoryview(data), 12
    while position < len(data):
        name, length = struct.unpack_from("<4sI", data, position)
        end = position + 8 + length
        if name == b"VP8X" and length < EXTENDED_HEADER:
            raise _broken("webp")
        # Some writers omit the padding of the last chunk.
        padded = min(end + length % 2, max(end, len(data)))
        yield ContainerPart(name, position, padded, view[position + 8 : end])
        position = padded


PARTS: dict[ImageFormat, Callable[[Data], Iterator[ContainerPart]]] = {
    "png": _chunks_of_png,
    "jpeg": _segments_of_jpeg,
    "webp": _chunks_of_webp,
}


def _behind_heads(found: list[ContainerPart]) -> int:
    """Return where XMP is inserted: after JFIF and Exif, which each have to be the first segment."""
    heads = list(takewhile(lambda part: part.name[0] == APP0 or _is_exif(part), found))
    return heads[-1].end if heads else 2


def _is_exif(part: ContainerPart) -> bool:
    return part.name[0] == APP1 and bytes(part.body[:5]) == b"Exif\0"


def _put_into_webp(data: Data, found: list[ContainerPart], packet: bytes) -> Pieces:
    view = memoryview(data)
    if found[0].name == b"VP8X":
        head = bytearray(view[12 : found[0].end])
        head[WEBP_FLAGS_AT - 12] |= WEBP_XMP
        rest = view[found[0].end :]
    else:
        head, rest = _extended(data, found[0]), view[12:]
    return _riff([bytes(head), rest, bytes(len(rest) % 2), _webp_chunk(b"XMP ", packet)])


def _extended(data: Data, image: ContainerPart) -> bytearray:
    """Return the header that a WebP needs before it may contain anything but its pixels."""
    width, height = outline(data, "webp").size
    # Bit 28 after the first byte of a lossless picture is set when it has transparency.
    alpha = image.name == b"VP8L" and struct.unpack_from("<I", data, 21)[0] >> 28 & 1
    flags = WEBP_XMP | (WEBP_ALPHA if alpha else 0)
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return bytearray(_webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides))


def _riff(pieces: Pieces) -> Pieces:
    size = 4 + sum(len(piece) for piece in pieces)
    return [b"RIFF" + struct.pack("<I", size) + b"WEBP", *pieces]


def _webp_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _broken(kind: ImageFormat) -> UnusableImage:
    return UnusableImage(_("The %(format)s file is damaged: its parts aren't consecutive.") % {"format": NAMES[kind]})
