import hashlib
import random
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageCms, ImageFile

from generations.errors import UnusableImage
from generations.imaging import inspect
from tests.imaging.hostile import HOSTILE, JPEG, KINDS, PNG, PROGRESSIVE, WEBP
from tests.imaging.pictures import (
    chunk,
    drawing,
    encoded,
    opened,
    picture_file,
    png,
    repaired,
    riff,
    segment,
    vp8x,
    with_chunks,
    with_segments,
)

MUTATIONS = 3000
TAILS = [b"\0", b"\n", b"\xff\xd9", b"PK\x05\x06" + bytes(18), b"<script>alert(1)</script>", b""]


@pytest.mark.parametrize("kind", KINDS)
def test_picture_of_each_allowed_format_is_described(kind):
    data = picture_file(kind)

    found = inspect(data)

    described = (found.received, found.width, found.height, found.size, found.sha256)
    assert described == (kind, 64, 48, len(found.picture), hashlib.sha256(found.picture).hexdigest())
    assert (found.format, found.picture == data, found.changed == "") == (
        ("png", False, False) if kind == "avif" else (kind, True, True)
    )
    assert ImageChops.difference(found.pixels, opened(data)).getbbox() is None


@pytest.mark.parametrize(("data", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_file_is_refused_in_a_sentence_and_at_once(data, sentence):
    start = time.process_time()

    with pytest.raises(UnusableImage) as refusal:
        inspect(data)

    assert refusal.value.message.startswith(sentence)
    assert time.process_time() - start < 8


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_file_is_refused_at_every_offset(kind):
    data = picture_file(kind)

    accepted = [cut for cut in range(len(data)) if not refused(data[:cut])]

    assert accepted == []


@pytest.mark.parametrize("tail", TAILS, ids=["zero", "line", "end of a JPEG", "zip", "page", "itself"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_a_picture_is_not_served(kind, tail):
    data = picture_file(kind)
    behind = tail or data

    found = inspect(data + behind)

    assert found.picture == inspect(data).picture
    assert (found.sha256, found.size) == (hashlib.sha256(found.picture).hexdigest(), len(found.picture))
    assert found.changed


def test_what_was_cut_off_is_said():
    assert inspect(WEBP + b"\n").changed.startswith("The provider sent 1 extra byte after the end of the WebP;")
    assert inspect(JPEG + b"<script>").changed.startswith("The provider sent 8 extra bytes after the end of the JPEG;")


@pytest.mark.parametrize("tail", [b"", b"PK\x05\x06"])
@pytest.mark.parametrize("kind", ["png", "webp", "avif"])
def test_first_frame_of_an_animation_is_the_picture(kind, tail):
    data = animation(kind)

    found = inspect(data + tail)

    first = Image.open(BytesIO(data))
    assert (getattr(first, "n_frames", 1), found.received, found.format) == (3, kind, "png")
    assert ImageChops.difference(found.pixels, first.convert("RGB")).getbbox() is None
    assert getattr(opened(found.picture), "n_frames", 1) == 1
    assert ImageChops.difference(opened(found.picture), found.pixels).getbbox() is None
    assert f"animated {kind.upper().replace('WEBP', 'WebP')}; this is its first frame." in found.changed


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_later_frames_are_not_even_looked_at(kind):
    """They hold nothing that could be decoded, and there are as many as fit into a few megabytes."""
    frame = chunk(b"fdAT", b"\0\0\0\x01junk") if kind == "png" else b"ANMF\x10\0\0\0" + bytes(16)
    if kind == "png":
        data = with_chunks(PNG, chunk(b"acTL", b"\xff" * 8))
        data = data[:-12] + frame * 15_000 + data[-12:]
    else:
        animated = animation("webp")
        second = animated.index(b"ANMF", animated.index(b"ANMF") + 4)
        rest = animated[12:second] + frame * 500_000
        data = b"RIFF" + struct.pack("<I", 4 + len(rest)) + b"WEBP" + rest
    start = time.process_time()

    found = inspect(data)

    assert (
        ImageChops.difference(found.pixels, opened(PNG if kind == "png" else animation(kind)).convert("RGB")).getbbox()
        is None
    )
    assert time.process_time() - start < 4


def test_first_frame_may_be_smaller_than_its_picture():
    inner = encoded(drawing(16, 16), "webp", lossless=True)[12:]
    frame = (4).to_bytes(3, "little") * 2 + (15).to_bytes(3, "little") * 2 + bytes(4) + inner
    found = inspect(riff(vp8x(64, 48, flags=0x02), (b"ANIM", bytes(6)), (b"ANMF", frame), (b"ANMF", frame)))

    assert (found.width, found.height) == (64, 48)
    assert ImageChops.difference(found.pixels.convert("RGB").crop((8, 8, 24, 24)), drawing(16, 16)).getbbox() is None


@pytest.mark.parametrize("whole", [True, False])
def test_first_picture_of_a_multi_picture_jpeg_is_the_picture(whole):
    data = encoded(drawing(64, 48), "mpo", save_all=True, append_images=[drawing(64, 48, seed=2)])
    first = data[: data.index(b"\xff\xd9\xff\xd8") + 2]

    found = inspect(data if whole else first)

    assert (found.format, found.picture, bool(found.changed)) == ("jpeg", first, whole)


def test_transparent_avif_keeps_its_transparency():
    found = inspect(picture_file("avif", mode="RGBA", quality=100))

    assert (found.pixels.mode, opened(found.picture).mode) == ("RGBA", "RGBA")


def test_avif_is_turned_as_its_file_says():
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = drawing(64, 48).rotate(-90, expand=True)

    found = inspect(picture_file("avif", exif=exif, quality=100, subsampling="4:4:4"))

    assert (found.width, found.height) == (48, 64)
    assert max(high for _, high in ImageChops.difference(found.pixels, upright).getextrema()) < 16  # type: ignore[misc]


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_file_is_accepted_or_refused_but_never_crashes(kind):
    chance = random.Random(20)
    data = picture_file(kind)

    # Any exception but UnusableImage fails the test here.
    outcomes = {refused(mutated(data, chance)) for _ in range(MUTATIONS // len(KINDS))}

    assert True in outcomes


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_file_with_right_checksums_and_sizes_never_crashes_the_decoder(kind):
    # Without the repair, nearly every changed PNG or WebP is refused before its pixels are decoded.
    chance = random.Random(22)
    data = picture_file(kind)

    outcomes = {refused(repaired(mutated(data, chance), kind)) for _ in range(MUTATIONS // len(KINDS))}

    assert outcomes == {True, False}


@pytest.mark.parametrize("kind", KINDS)
def test_refusal_is_a_sentence_without_the_names_of_python_objects(kind):
    chance = random.Random(23)
    data = picture_file(kind)

    messages = {refusal(repaired(mutated(data, chance), kind)) for _ in range(300)} - {""}

    assert [message for message in messages if " object at " in message or not message.endswith(".")] == []


def test_mutated_profile_never_crashes():
    chance = random.Random(21)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    refusals = [refused(picture_file("jpeg", 16, 16, icc_profile=mutated(profile, chance))) for _ in range(200)]

    assert len(refusals) == 200


@pytest.mark.parametrize(("width", "height"), [(8, 8), (8, 8192), (8192, 8)])
def test_picture_at_the_size_limits_is_accepted(width, height):
    found = inspect(picture_file("png", width, height))

    assert (found.pixels.width, found.pixels.height) == (width, height)


def test_lossless_webp_is_accepted():
    found = inspect(picture_file("webp", lossless=True))

    assert ImageChops.difference(found.pixels, drawing(64, 48)).getbbox() is None


def test_progressive_picture_is_accepted():
    assert inspect(PROGRESSIVE).format == "jpeg"


def test_preview_inside_a_picture_is_not_taken_for_its_end():
    data = with_segments(JPEG, segment(0xE1, b"preview\0" + JPEG))

    assert inspect(data).size == len(data)


@pytest.mark.parametrize(
    ("mode", "kind", "expected"),
    [
        ("1", "png", "RGB"),
        ("L", "jpeg", "RGB"),
        ("LA", "png", "RGBA"),
        ("P", "png", "RGB"),
        ("I;16", "png", "RGB"),
        ("RGBA", "png", "RGBA"),
        ("RGBA", "webp", "RGBA"),
        ("CMYK", "jpeg", "RGB"),
    ],
)
def test_pixels_of_any_mode_become_rgb_or_rgba(mode, kind, expected):
    data = encoded(Image.new(mode, (16, 16)), kind)

    assert inspect(data).pixels.mode == expected


def test_sixteen_bit_grey_is_scaled_not_cut():
    data = encoded(Image.new("I;16", (16, 16), 0x8000), "png")

    assert inspect(data).pixels.getpixel((0, 0)) == (128, 128, 128)


@pytest.mark.parametrize(
    ("depth", "row", "colour"), [(8, b"\0" + b"\x07" * 16, b"\0\x07"), (16, b"\0" + b"\x07" * 32, b"\x07\x07")]
)
def test_transparent_grey_becomes_alpha(depth, row, colour):
    data = png(16, 16, chunk(b"tRNS", colour), depth=depth, colour=0, body=zlib.compress(row * 16))

    assert inspect(data).pixels.getchannel("A").getpixel((0, 0)) == 0


def test_pixels_carry_nothing_of_the_file():
    exif = Image.Exif()
    exif[0x010E] = "secret"
    data = picture_file("jpeg", exif=exif, comment=b"secret", dpi=(300, 300))

    pixels = inspect(data).pixels

    assert (type(pixels), pixels.info) == (Image.Image, {})


def test_colour_profile_is_converted_to_srgb():
    # A display whose red and blue are swapped against sRGB makes the conversion visible.
    swapped = swapped_srgb()
    data = encoded(Image.new("RGB", (16, 16), (250, 5, 5)), "png", icc_profile=swapped)

    red, _, blue = inspect(data).pixels.tobytes()[:3]

    assert (red < 30, blue > 225) == (True, True)


@pytest.mark.parametrize("profile", [b"junk", bytes(128), b"\0" * (1024 * 1024 + 1)], ids=["junk", "zeros", "huge"])
def test_unusable_colour_profile_is_ignored(profile):
    data = encoded(Image.new("RGB", (16, 16), (250, 5, 5)), "webp", icc_profile=profile, lossless=True)

    assert inspect(data).pixels.getpixel((0, 0)) == (250, 5, 5)


def test_truncated_loading_is_off_even_when_a_library_turned_it_on(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)

    with pytest.raises(UnusableImage):
        inspect(png(2000, 2000, body=zlib.compress(b"")))

    assert (ImageFile.LOAD_TRUNCATED_IMAGES, Image.MAX_IMAGE_PIXELS) == (False, 40_000_000)


def test_inspecting_from_many_threads_gives_the_same_as_from_one():
    files = [picture_file(kind, 200 + 8 * n, 120) for n in range(4) for kind in KINDS] * 4
    alone = [inspect(data) for data in files]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(inspect, files))

    differences = [ImageChops.difference(a.pixels, b.pixels).getbbox() for a, b in zip(alone, together, strict=True)]
    assert differences == [None] * len(files)


def test_first_pictures_of_a_new_process_may_come_in_several_threads():
    # Pillow imports its readers on first use; the threads race for that.
    script = """
import sys
from concurrent.futures import ThreadPoolExecutor
from generations.imaging import inspect, placeholder, thumbnails
data = sys.stdin.buffer.read()
with ThreadPoolExecutor(16) as pool:
    found = list(pool.map(lambda _: (placeholder(inspect(data).pixels), thumbnails(inspect(data).pixels)), range(32)))
assert all(one == found[0] for one in found)
"""
    run = subprocess.run([sys.executable, "-c", script], check=False, input=WEBP, capture_output=True, timeout=60)

    assert (run.returncode, run.stderr) == (0, b"")


def animation(kind):
    return picture_file(kind, save_all=True, append_images=[drawing(64, 48, seed=seed) for seed in (2, 3)])


def refusal(data):
    try:
        inspect(data)
    except UnusableImage as error:
        return error.message
    return ""


def refused(data):
    return refusal(data) != ""


def mutated(data, chance):
    """Return the data with up to eight bytes changed, dropped, doubled or inserted."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at, kind = chance.randrange(len(changed)), chance.randrange(4)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del changed[at : at + chance.randint(1, 16)]
        else:
            changed[at:at] = chance.randbytes(chance.randint(1, 16))
    return bytes(changed)


def swapped_srgb():
    """Return the sRGB profile with the entries of its red and its blue primary exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"tmp0").replace(b"bXYZ", b"rXYZ").replace(b"tmp0", b"bXYZ")
