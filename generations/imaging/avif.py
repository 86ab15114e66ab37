"""Header of an AVIF file, read before any of it is decoded: its size, and how much work decoding is.

The decoder allocates what the AV1 stream requests, whatever size the file around it names, and decodes every frame of
an item. Therefore the streams are read as well, up to the size in their sequence headers. Only one encoding of each
structure is accepted: a file that two readers could understand differently is refused.

ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items), https://aomediacodec.github.io/av1-avif/, and the AV1 bitstream.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from generations.errors import UnusableImage
from generations.imaging import av1

Data = bytes | memoryview
PixelSize = tuple[int, int]

BRANDS = {b"avif", b"avis"}
MAX_BRANDS = 64
MAX_BOXES, MAX_ITEMS, MAX_EXTENTS = 1_000, 64, 64
# A box of another name that extends beyond the end of the file is no box, but data that follows the picture; so is the
# beginning of another file.
NAMES = {b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid"}
FULL = 4  # version and flags


@dataclass(frozen=True)
class Avif:
    """The header of a file. `end` is the end of its last box; `decoded` the pixels of all frames of all pictures."""

    size: PixelSize
    end: int
    decoded: int
    tracks: tuple[int, ...]


@dataclass(frozen=True)
class Box:
    """A box. `start` is the beginning of its content, after size and name."""

    name: bytes
    at: int
    start: int
    end: int


def is_avif(data: Data) -> bool:
    if bytes(data[4:8]) != b"ftyp" or len(data) < 16:
        return False
    end = min(struct.unpack_from(">I", data, 0)[0], len(data), 16 + 4 * MAX_BRANDS)
    brands = {bytes(data[8:12]), *(bytes(data[at : at + 4]) for at in range(16, end, 4))}
    return bool(brands & BRANDS)


def read(data: Data) -> Avif:
    """Return the header of an AVIF file. Raises UnusableImage, and IndexError or struct.error for a truncated file."""
    boxes = list(_boxes(data, 0, len(data), whole_file=True))
    if boxes[0].start != 8:
        raise _broken(_("it doesn't start with its header"))
    meta = _only(boxes, b"meta")
    inner = {box.name: box for box in _once(_boxes(data, meta.start + FULL, meta.end))}
    if missing := {b"pitm", b"iloc", b"iinf", b"iprp"} - inner.keys():
        raise _broken(_("it has no %(name)s box") % {"name": min(missing).decode()})
    kinds = _kinds(data, inner[b"iinf"])
    primary = _primary(data, inner[b"pitm"])
    if kinds.get(primary) != b"av01":
        raise _broken(_("its picture is composed of others"))
    places = _places(data, inner)
    streams = [b"".join(bytes(data[a:b]) for a, b in places.get(item, ())) for item, k in kinds.items() if k == b"av01"]
    tracks = tuple(box.at for box in boxes if box.name == b"moov")
    return Avif(_size(data, inner[b"iprp"], primary), boxes[-1].end, sum(map(av1.pixels, streams)), tracks)


def still(data: Data, found: Avif) -> bytes:
    """Return the file as one picture, without bytes behind its end or references to frames of an animation."""
    changed = bytearray(data[: found.end])
    head = struct.unpack_from(">I", data, 0)[0]
    changed[8:head] = changed[8:head].replace(b"avis", b"avif")
    for at in found.tracks:
        changed[at + 4 : at + 8] = b"free"
    return bytes(changed)


def _boxes(data: Data, start: int, end: int, *, whole_file: bool = False) -> Iterator[Box]:
    at = start
    for _step in range(MAX_BOXES):
        if at >= end or (whole_file and end - at < 8):
            return
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = end - at
        if whole_file and at > start and (name == b"ftyp" or size < head or (at + size > end and name not in NAMES)):
            return
        if size < head:
            raise _broken(_("its boxes aren't consecutive"))
        if at + size > end:
            raise IndexError
        yield Box(name, at, at + head, at + size)
        at += size
    raise UnusableImage(_("The AVIF file has too many boxes."))


def _once(boxes: Iterator[Box]) -> Iterator[Box]:
    seen: set[bytes] = set()
    for box in boxes:
        if box.name in seen:
            raise _broken(_("it has two %(name)s boxes") % {"name": repr(box.name.decode("latin-1"))})
        seen.add(box.name)
        yield box


def _only(boxes: list[Box], name: bytes) -> Box:
    found = [box for box in boxes if box.name == name]
    if not found:
        # A truncated file has no further boxes; a whole file always has this one.
        raise IndexError
    if len(found) > 1:
        raise _broken(_("it has %(count)s %(name)s boxes") % {"count": len(found), "name": name.decode()})
    return found[0]


class _Reader:
    """A reader of consecutive numbers from the content of one box, which never reads beyond it."""

    def __init__(self, data: Data, start: int, end: int) -> None:
        self._data, self._at = data[start:end], 0

    def take(self, size: int) -> int:
        if self._at + size > len(self._data):
            raise _broken(_("its boxes aren't consecutive"))
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at], "big")


def _full(data: Data, box: Box) -> tuple[int, int, _Reader]:
    """Return version, flags and a reader of the rest."""
    reader = _Reader(data, box.start, box.end)
    return reader.take(1), reader.take(3), reader


def _primary(data: Data, box: Box) -> int:
    version, _flags, reader = _full(data, box)
    return reader.take(2 if version == 0 else 4)


def _kinds(data: Data, box: Box) -> dict[int, bytes]:
    version, _flags, _reader = _full(data, box)
    found: dict[int, bytes] = {}
    for entry in _boxes(data, box.start + FULL + (2 if version == 0 else 4), box.end):
        version, _flags, reader = _full(data, entry)
        if entry.name != b"infe" or version not in {2, 3}:
            raise _broken(_("its item list has an unknown type"))
        item = reader.take(2 if version == 2 else 4)
        reader.take(2)
        if item in found or len(found) >= MAX_ITEMS:
            raise _broken(_("its item list has duplicates or too many items"))
        found[item] = reader.take(4).to_bytes(4, "big")
    return found


def _places(data: Data, inner: dict[bytes, Box]) -> dict[int, list[tuple[int, int]]]:
    """Return the byte ranges of each item. Raises IndexError for one behind the end of the file."""
    version, _flags, reader = _full(data, inner[b"iloc"])
    sizes = reader.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version == 2 else 2
    found: dict[int, list[tuple[int, int]]] = {}
    if version > 2 or (count := reader.take(wide)) > MAX_ITEMS:
        raise _broken(_("it has too many items, or items in an unknown format"))
    for _step in range(count):
        item = reader.take(wide)
        method = reader.take(2) & 15 if version else 0
        if reader.take(2) or method > 1 or item in found:
            raise _broken(_("its items are in other files or in each other"))
        base = reader.take(base_size)
        if (extents := reader.take(2)) > MAX_EXTENTS:
            raise _broken(_("an item is in too many places"))
        idat = inner.get(b"idat")
        if method and idat is None:
            raise _broken(_("an item has no location"))
        start, end = (idat.start, idat.end) if method and idat else (0, len(data))
        found[item] = []
        for _extent in range(extents):
            reader.take(index_size)
            at = start + base + reader.take(offset_size)
            length = reader.take(length_size)
            if not length and (extents > 1 or method):
                raise _broken(_("an item has no length"))
            last = at + length if length else end
            if last > end:
                raise IndexError
            found[item].append((at, last))
    # Each item may name the whole file as its own, which would then be read once for each.
    if sum(last - at for places in found.values() for at, last in places) > len(data):
        raise _broken(_("its items overlap"))
    return found


def _size(data: Data, box: Box, primary: int) -> PixelSize:
    inner = {one.name: one for one in _once(_boxes(data, box.start, box.end))}
    if not {b"ipco", b"ipma"} <= inner.keys():
        raise _broken(_("it has no size"))
    properties = list(_boxes(data, inner[b"ipco"].start, inner[b"ipco"].end))
    version, flags, reader = _full(data, inner[b"ipma"])
    if (count := reader.take(4)) > MAX_ITEMS:
        raise _broken(_("it has too many items, or items in an unknown format"))
    sizes = []
    for _step in range(count):
        item = reader.take(4 if version else 2)
        for _entry in range(reader.take(1)):
            index = reader.take(2) & 0x7FFF if flags & 1 else reader.take(1) & 0x7F
            if item == primary and 0 < index <= len(properties) and properties[index - 1].name == b"ispe":
                numbers = _full(data, properties[index - 1])[2]
                sizes.append((numbers.take(4), numbers.take(4)))
    if len(sizes) != 1:
        raise _broken(_("it has %(count)s sizes") % {"count": len(sizes)})
    return sizes[0]


def _broken(cause: str) -> UnusableImage:
    return UnusableImage(_("The AVIF file is damaged: %(cause)s.") % {"cause": cause})
