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
    return f"The answer is {name}, {NOT_ONE}"


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
    "unknown": (b"\x07\x00\x9f" * 20, foreign("60 bytes of an unknown kind")),
    "wave sound": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(28), foreign("44 bytes of an unknown kind")),
    "png magic alone": (PNG[:8], "The PNG picture ends early."),
    "jpeg magic alone": (JPEG[:3], "The JPEG picture ends early."),
    "webp magic alone": (WEBP[:12], "The WebP picture is broken: it does not begin with its header."),
    "png without its last byte": (PNG[:-1], "The PNG picture ends early."),
    "png without its end": (PNG[:-12], "The PNG picture ends early."),
    "jpeg without its end": (JPEG[:-2], "The JPEG picture ends early."),
    "webp without its last byte": (WEBP[:-1], "The WebP picture ends early."),
    "png of 3.6 billion pixels": (png(60_000, 60_000), "60000 × 60000 pixels; each side must have 8 to 8192."),
    "png just above the limit": (png(8000, 5001), "8000 × 5001 pixels, above the limit of 40 million."),
    "jpeg of 4.3 billion pixels": (jpeg_sized(JPEG, 65_535, 65_535), "65535 × 65535 pixels; each side must"),
    "jpeg just above the limit": (jpeg_sized(JPEG, 8192, 4883), "8192 × 4883 pixels, above the limit of 40 million."),
    "webp of 16 million squared": (riff(vp8x(2**24, 2**24)), "16777216 × 16777216 pixels; each side must"),
    "webp just above the limit": (riff(vp8x(5001, 8000)), "5001 × 8000 pixels, above the limit of 40 million."),
    "png of 0 pixels": (png(0, 0), "0 × 0 pixels; each side must have 8 to 8192."),
    "png of 7 pixels": (picture_file("png", 64, 7), "64 × 7 pixels; each side must have 8 to 8192."),
    "webp of 1 pixel": (picture_file("webp", 1, 1), "1 × 1 pixels; each side must have 8 to 8192."),
    "jpeg too wide": (picture_file("jpeg", 8193, 8), "8193 × 8 pixels; each side must have 8 to 8192."),
    "png with less data than it says": (png(2000, 2000, body=b"x\x9c"), "The PNG picture cannot be decoded: "),
    "jpeg higher than its data": (jpeg_sized(JPEG, 8000, 4000)[:-2], "The JPEG picture ends early."),
    "png with a wrong header checksum": (flipped(PNG, 30), "The PNG picture is broken: its header makes no sense."),
    "png with a wrong pixel checksum": (flipped(PNG, -14), "The PNG picture cannot be decoded: broken PNG file"),
    "png without a header": (PNG[:8] + PNG[33:], "The PNG picture is broken: it does not begin with its header."),
    "png with a text bomb": (with_chunks(PNG, chunk(b"zTXt", b"a\0\0" + BOMB)), "The PNG picture cannot be decoded: "),
    "png with a profile bomb": (with_chunks(PNG, chunk(b"iCCP", b"a\0\0" + BOMB)), "The PNG picture cannot be decoded"),
    "png with a hundred texts": (
        with_chunks(PNG, *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 100),
        "The PNG picture cannot be decoded: Too much memory used in text chunks",
    ),
    "png of a million chunks": (
        with_chunks(PNG, chunk(b"prVt") * 1_000_000),
        "The PNG picture is cut into more than 20,000 chunks.",
    ),
    "jpeg of a million segments": (
        with_segments(JPEG, segment(0xE3) * 1_000_000),
        "The JPEG picture is cut into more than 20,000 segments.",
    ),
    "jpeg of fill bytes": (b"\xff\xd8" + b"\xff" * 1_000_000, "The JPEG picture ends early."),
    "jpeg of a thousand scans": (with_scans(PROGRESSIVE, 1000), "The JPEG picture is drawn in more than 64 scans."),
    "jpeg without a frame": (b"\xff\xd8\xff\xd9", "The JPEG picture is broken: it ends without a frame."),
    "jpeg of two sizes": (
        with_segments(JPEG, segment(0xC0, b"\x08\0\x50\0\x50\x03" + bytes(9))),
        "The picture contradicts itself about its size.",
    ),
    "webp of a million frames": (
        riff(vp8x(64, 48, flags=2), (b"ANIM", bytes(6)), *[(b"none", b"")] * 30_000, (b"ANMF", bytes(16))),
        "The WebP picture is cut into more than 20,000 chunks.",
    ),
    "webp whose first frame is empty": (
        riff(vp8x(64, 48, flags=2), (b"ANIM", bytes(6)), *[(b"ANMF", bytes(16))] * 100_000),
        "The WebP picture ",
    ),
    "png of a million frames": (
        with_chunks(PNG, chunk(b"acTL", bytes(8)), *[chunk(b"fdAT", bytes(8))] * 100_000),
        "The PNG picture is cut into more than 20,000 chunks.",
    ),
    "avif magic alone": (AVIF[:32], "The AVIF picture ends early."),
    "avif without its last byte": (AVIF[:-1], "The AVIF picture ends early."),
    "avif that leads to a heif": (
        AVIF.replace(b"infe\x02\0\0\0\0\x01\0\0av01", b"infe\x02\0\0\0\0\x01\0\0hvc1"),
        "The AVIF",
    ),
    "avif just above the limit": (AVIF.replace(SIDES, struct.pack(">II", 8000, 5001)), "8000 × 5001 pixels, above the"),
    "avif of 4.3 billion pixels squared": (
        AVIF.replace(SIDES, b"\xff" * 8),
        "4294967295 × 4294967295 pixels; each side",
    ),
    "avif of 81 million pixels that says it is small": (
        encoded(Image.new("RGB", (9000, 9000)), "avif", speed=10).replace(
            struct.pack(">II", 9000, 9000), struct.pack(">II", 64, 48)
        ),
        "The AVIF picture decodes into 81,000,000 pixels, above the limit of 80,000,000.",
    ),
    "avif with two of its boxes": (AVIF + AVIF[32:], "The AVIF picture is broken: it has 2 meta boxes."),
    "avif of a million parts": (
        avif_with(b"\x12\0" * 1_000_000),
        "The AVIF picture is cut into more than 5,000 parts.",
    ),
    "avif of many frames": (
        avif_with(AVIF[AVIF.index(b"mdat") + 4 :] + b"\x32\0" * 40_000),
        "The AVIF picture ",
    ),
    "avif of zeros": (AVIF[: AVIF.index(b"mdat") + 4].ljust(len(AVIF), b"\0"), "The AVIF picture is broken: an item"),
    "webp of zeros": (riff((b"VP8 ", b"\0\0\0\x9d\x01\x2a\x40\0\x30\0" + bytes(90))), "The WebP picture cannot be"),
    "webp canvas larger than its picture": (riff(vp8x(640, 480), (b"VP8 ", WEBP[20:])), "The WebP picture cannot be"),
}
