"""Files that the image gate must refuse, each with the beginning of the sentence it must give."""

import struct
import zlib

from PIL import Image

from tests.imaging.pictures import (
    chunk,
    drawing,
    encoded,
    flipped,
    jpeg_sized,
    picture_file,
    png,
    riff,
    segment,
    vp8x,
    with_chunks,
    with_scans,
    with_segments,
)

KINDS = ("png", "jpeg", "webp", "avif")
PNG, JPEG, WEBP, AVIF = (picture_file(kind) for kind in KINDS)
PROGRESSIVE = picture_file("jpeg", progressive=True)
FRAMES = {"save_all": True, "append_images": [drawing(64, 48, seed=2)]}
SIDES = struct.pack(">II", 64, 48)
BOMB = zlib.compress(bytes(50_000_000))
NOT_ONE = "not a PNG, JPEG, WebP or AVIF picture."


def avif_with(stream):
    """Return the AVIF with another AV1 stream in place of its own."""
    at = AVIF.index(b"mdat") - 4
    place = struct.pack(">II", at + 8, len(AVIF) - at - 8)
    head = AVIF[:at].replace(place, struct.pack(">II", at + 8, len(stream)))
    return head + struct.pack(">I4s", 8 + len(stream), b"mdat") + stream


def foreign(name):
    return f"The response is {name}, {NOT_ONE}"


def wrong_sides(width, height):
    return f"The picture is {width} × {height} pixels; each side must be 8 to 8192."


def too_many_pixels(width, height):
    return f"The picture is {width} × {height} pixels; the maximum is 40 megapixels."


# name: (bytes, how the sentence begins)
HOSTILE = {
    "empty": (b"", foreign("empty")),
    "gif": (picture_file("gif"), foreign("a GIF picture")),
    "bmp": (picture_file("bmp"), foreign("a BMP picture")),
    "tiff": (picture_file("tiff"), foreign("a TIFF picture")),
    "ico": (picture_file("ico"), foreign("an icon")),
    "jpeg 2000": (picture_file("jpeg2000"), foreign("a JPEG 2000 picture")),
    "jpeg xl": (b"\xff\x0a" + bytes(60), foreign("a JPEG XL picture")),
    "heif": (b"\0\0\0\x18ftypheic" + bytes(60), foreign("a HEIF picture")),
    "mp4": (b"\0\0\0\x18ftypisom" + bytes(60), foreign("a video")),
    "photoshop": (b"8BPS\0\x01" + bytes(60), foreign("a Photoshop file")),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", foreign("a PostScript file")),
    "pdf": (b"%PDF-1.7\n", foreign("a PDF document")),
    "zip": (b"PK\x03\x04" + bytes(60), foreign("a ZIP archive")),
    "gzip": (b"\x1f\x8b\x08" + bytes(60), foreign("gzip data")),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', foreign("an SVG drawing")),
    "svg behind a prolog": (b'<?xml version="1.0"?>\n<!-- x -->\n<svg/>', foreign("an SVG drawing")),
    "svg with a hundred comments": (b"<!---->" * 140 + b"<sv", foreign("text")),
    "xml": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', foreign("an XML document")),
    "html": (b"\n<!DOCTYPE html><title>502</title><svg/>", foreign("an HTML page")),
    "json": (b'{"error": "Insufficient credits"}', foreign("a JSON document")),
    "text": (b"upstream request timeout", foreign("text")),
    "unknown": (b"\x07\x00\x9f" * 20, foreign("60 bytes of an unknown type")),
    "wave sound": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(28), foreign("44 bytes of an unknown type")),
    "png magic alone": (PNG[:8], "The PNG file is incomplete."),
    "jpeg magic alone": (JPEG[:3], "The JPEG file is incomplete."),
    "webp magic alone": (WEBP[:12], "The WebP file is damaged: it doesn't start with its header."),
    "png without its last byte": (PNG[:-1], "The PNG file is incomplete."),
    "png without its end": (PNG[:-12], "The PNG file is incomplete."),
    "jpeg without its end": (JPEG[:-2], "The JPEG file is incomplete."),
    "webp without its last byte": (WEBP[:-1], "The WebP file is incomplete."),
    "png of 3.6 billion pixels": (png(60_000, 60_000), wrong_sides(60000, 60000)),
    "png just above the limit": (png(8000, 5001), too_many_pixels(8000, 5001)),
    "jpeg of 4.3 billion pixels": (jpeg_sized(JPEG, 65_535, 65_535), wrong_sides(65535, 65535)),
    "jpeg just above the limit": (jpeg_sized(JPEG, 8192, 4883), too_many_pixels(8192, 4883)),
    "webp of 16 million squared": (riff(vp8x(2**24, 2**24)), wrong_sides(16777216, 16777216)),
    "webp just above the limit": (riff(vp8x(5001, 8000)), too_many_pixels(5001, 8000)),
    "png of 0 pixels": (png(0, 0), wrong_sides(0, 0)),
    "png of 7 pixels": (picture_file("png", 64, 7), wrong_sides(64, 7)),
    "webp of 1 pixel": (picture_file("webp", 1, 1), wrong_sides(1, 1)),
    "jpeg too wide": (picture_file("jpeg", 8193, 8), wrong_sides(8193, 8)),
    "png with less data than it says": (png(2000, 2000, body=b"x\x9c"), "The PNG file can't be decoded: "),
    "jpeg higher than its data": (jpeg_sized(JPEG, 8000, 4000)[:-2], "The JPEG file is incomplete."),
    "png with a wrong header checksum": (flipped(PNG, 30), "The PNG file is damaged: its header is invalid."),
    "png with a wrong pixel checksum": (flipped(PNG, -14), "The PNG file can't be decoded: broken PNG file"),
    "png without a header": (PNG[:8] + PNG[33:], "The PNG file is damaged: it doesn't start with its header."),
    "png with a text bomb": (with_chunks(PNG, chunk(b"zTXt", b"a\0\0" + BOMB)), "The PNG file can't be decoded: "),
    "png with a profile bomb": (with_chunks(PNG, chunk(b"iCCP", b"a\0\0" + BOMB)), "The PNG file can't be decoded"),
    "png with a hundred texts": (
        with_chunks(PNG, *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 100),
        "The PNG file can't be decoded: Too much memory used in text chunks",
    ),
    "png of a million chunks": (
        with_chunks(PNG, chunk(b"prVt") * 1_000_000),
        "The PNG file has too many chunks.",
    ),
    "jpeg of a million segments": (
        with_segments(JPEG, segment(0xE3) * 1_000_000),
        "The JPEG file has too many segments.",
    ),
    "jpeg of fill bytes": (b"\xff\xd8" + b"\xff" * 1_000_000, "The JPEG file is incomplete."),
    "jpeg of a thousand scans": (with_scans(PROGRESSIVE, 1000), "The JPEG file has too many scans."),
    "jpeg without a frame": (b"\xff\xd8\xff\xd9", "The JPEG file is damaged: it contains no frame."),
    "jpeg of two sizes": (
        with_segments(JPEG, segment(0xC0, b"\x08\0\x50\0\x50\x03" + bytes(9))),
        "The picture contains conflicting sizes.",
    ),
    "webp of a million frames": (
        riff(vp8x(64, 48, flags=2), (b"ANIM", bytes(6)), *[(b"none", b"")] * 30_000, (b"ANMF", bytes(16))),
        "The WebP file has too many chunks.",
    ),
    "webp whose first frame is empty": (
        riff(vp8x(64, 48, flags=2), (b"ANIM", bytes(6)), *[(b"ANMF", bytes(16))] * 100_000),
        "The WebP file ",
    ),
    "png of a million frames": (
        with_chunks(PNG, chunk(b"acTL", bytes(8)), *[chunk(b"fdAT", bytes(8))] * 100_000),
        "The PNG file has too many chunks.",
    ),
    "avif magic alone": (AVIF[:32], "The AVIF file is incomplete."),
    "avif without its last byte": (AVIF[:-1], "The AVIF file is incomplete."),
    "avif that leads to a heif": (
        AVIF.replace(b"infe\x02\0\0\0\0\x01\0\0av01", b"infe\x02\0\0\0\0\x01\0\0hvc1"),
        "The AVIF",
    ),
    "avif just above the limit": (AVIF.replace(SIDES, struct.pack(">II", 8000, 5001)), too_many_pixels(8000, 5001)),
    "avif of 4.3 billion pixels squared": (
        AVIF.replace(SIDES, b"\xff" * 8),
        wrong_sides(4294967295, 4294967295),
    ),
    "avif of 81 million pixels that says it is small": (
        encoded(Image.new("RGB", (9000, 9000)), "avif", speed=10).replace(
            struct.pack(">II", 9000, 9000), struct.pack(">II", 64, 48)
        ),
        "The AVIF file decodes into 81,000,000 pixels; the maximum is 80,000,000.",
    ),
    "avif with two of its boxes": (AVIF + AVIF[32:], "The AVIF file is damaged: it has 2 meta boxes."),
    "avif of a million parts": (
        avif_with(b"\x12\0" * 1_000_000),
        "The AVIF file has too many parts.",
    ),
    "avif of many frames": (
        avif_with(AVIF[AVIF.index(b"mdat") + 4 :] + b"\x32\0" * 40_000),
        "The AVIF file ",
    ),
    "avif of zeros": (AVIF[: AVIF.index(b"mdat") + 4].ljust(len(AVIF), b"\0"), "The AVIF file is damaged: an item"),
    "webp of zeros": (riff((b"VP8 ", b"\0\0\0\x9d\x01\x2a\x40\0\x30\0" + bytes(90))), "The WebP file can't be"),
    "webp canvas larger than its picture": (riff(vp8x(640, 480), (b"VP8 ", WEBP[20:])), "The WebP file can't be"),
}
