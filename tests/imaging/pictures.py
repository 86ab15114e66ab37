"""Real and crafted picture files, made in memory."""

import random
import struct
import zlib
from io import BytesIO

from PIL import Image, ImageDraw

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
SAVE = {
    "png": {},
    "jpeg": {"quality": 90},
    "webp": {"quality": 90, "method": 0},
    "avif": {"quality": 90, "speed": 10},
}


def drawing(width, height, mode="RGB", seed=1):
    """Return gradients, discs and fine lines, so that bad scaling shows."""
    chance = random.Random(seed)
    slope = Image.linear_gradient("L")
    bands = [slope, slope.rotate(90), slope.rotate(180), slope.rotate(90)][: len(mode)]
    picture = Image.merge(mode, [band.resize((width, height)) for band in bands])
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, side = chance.randrange(width), chance.randrange(height), 2 + chance.randrange(1 + width // 4)
        pen.ellipse((x, y, x + side, y + side), fill=tuple(chance.randrange(256) for _ in mode))
    return picture


def encoded(picture, kind, **options):
    file = BytesIO()
    picture.save(file, kind.upper(), **{**SAVE.get(kind, {}), **options})
    return file.getvalue()


def picture_file(kind, width=64, height=48, mode="RGB", **options):
    return encoded(drawing(width, height, mode), kind, **options)


def opened(data):
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *between, depth=8, colour=2, body=None):
    """Return a PNG whose header says width × height; `body` is the compressed data, by default a few zeros."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", header), *between, chunk(b"IDAT", body or zlib.compress(bytes(1000))), chunk(b"IEND"))
    return PNG_MAGIC + b"".join(parts)


def with_chunks(data, *chunks):
    """Return the PNG with these chunks after its header."""
    return data[:33] + b"".join(chunks) + data[33:]


def segment(marker, data=b""):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def with_segments(data, *segments):
    """Return the JPEG with these segments right after its start."""
    return data[:2] + b"".join(segments) + data[2:]


def with_scans(data, scans):
    """Return the progressive JPEG with its last scan repeated until it has this many."""
    starts = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    return data[:-2] + data[starts[-1] : -2] * (scans - len(starts)) + data[-2:]


def jpeg_sized(data, width, height):
    """Return the baseline JPEG with another size in its frame header."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def riff(*chunks):
    """Return a WebP container around (name, data) pairs."""
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def vp8x(width, height, flags=0):
    sides = ((side - 1).to_bytes(3, "little") for side in (width, height))
    return b"VP8X", bytes([flags, 0, 0, 0]) + b"".join(sides)


def flipped(data, at):
    """Return the file with one bit of the byte `at` flipped."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def repaired(data, kind):
    """Correct the checksums of a damaged file's chunks (PNG) or the size of its container (WebP)."""
    if kind == "webp":
        return data[:4] + struct.pack("<I", max(0, len(data) - 8)) + data[8:]
    return _with_checksums(data) if kind == "png" else data


def _with_checksums(data):
    """End every chunk where the next known name begins, so that damaged lengths are corrected too."""
    names = [at for at in range(12, len(data)) if data[at : at + 4] in {b"IHDR", b"IDAT", b"IEND"}]
    bodies = [data[at : end - 8] for at, end in zip(names, [*names[1:], len(data) + 4], strict=True)]
    return PNG_MAGIC + b"".join(chunk(body[:4], body[4:]) for body in bodies)
