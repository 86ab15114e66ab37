import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from generations.imaging import WIDTHS, inspect, placeholder, thumbnail, thumbnails
from generations.imaging.provenance_packet import is_ours
from tests.imaging.pictures import drawing, encoded, opened, picture_file

PREFIX = "data:image/webp;base64,"


def sizes(width, height):
    return [(made.nominal, made.width, made.height) for made in thumbnails(drawing(width, height))]


def distance(one, other):
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).rms)


def metadata_file(kind):
    """Return a picture with every kind of metadata the format can carry, each containing the word `secret`."""
    exif = Image.Exif()
    exif[0x010E] = "secret"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + b"secret"
    return picture_file(kind, 400, 300, exif=exif, icc_profile=profile, xmp=b"<x>secret</x>", comment=b"secret")


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1360, 768, [(320, 320, 181), (640, 640, 361), (1280, 1280, 723)]),
        (1024, 1024, [(320, 320, 320), (640, 640, 640), (1280, 1024, 1024)]),
        (768, 1360, [(320, 320, 567), (640, 640, 1133), (1280, 768, 1360)]),
        (640, 640, [(320, 320, 320), (640, 640, 640), (1280, 640, 640)]),
        (200, 100, [(320, 200, 100), (640, 200, 100), (1280, 200, 100)]),
        (2000, 8, [(320, 320, 1), (640, 640, 3), (1280, 1280, 5)]),
        (8, 2000, [(320, 8, 2000), (640, 8, 2000), (1280, 8, 2000)]),
    ],
)
def test_every_slot_is_filled_and_nothing_enlarged(width, height, expected):
    assert sizes(width, height) == expected


def test_bytes_are_a_webp_of_the_size_they_claim():
    made = thumbnails(drawing(1360, 768))

    found = [(opened(one.data).format, *opened(one.data).size) for one in made]

    assert found == [("WEBP", one.width, one.height) for one in made]


def test_slots_wider_than_the_picture_share_one_encoding():
    made = thumbnails(drawing(200, 100))

    assert made[0].data is made[1].data is made[2].data


@pytest.mark.parametrize("nominal", WIDTHS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_single_thumbnail_is_the_one_made_among_all(nominal, mode):
    pixels = drawing(1024, 600, mode)

    assert thumbnail(pixels, nominal) in thumbnails(pixels)


def test_thumbnail_of_an_unknown_width_is_refused():
    with pytest.raises(KeyError):
        thumbnail(drawing(64, 64), 321)


def test_thumbnail_is_as_close_to_the_picture_as_a_slow_one():
    pixels = drawing(1024, 1024)
    wanted = pixels.resize((320, 320), Image.Resampling.LANCZOS)
    slow = opened(encoded(wanted, "webp", quality=80, method=4))

    made = opened(thumbnail(pixels, 320).data)

    assert distance(made, wanted) < 1.1 * distance(slow, wanted)


def test_same_pixels_give_the_same_bytes_in_every_thread():
    pixels = drawing(700, 500)
    expected = thumbnails(pixels)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(thumbnails, [pixels] * 16))

    assert made == [expected] * 16


def test_pixels_given_are_left_as_they_are():
    pixels = drawing(300, 200, "RGBA")
    before = pixels.tobytes()
    pixels.info["icc_profile"] = b"kept"

    thumbnails(pixels)

    assert (pixels.tobytes(), pixels.info) == (before, {"icc_profile": b"kept"})


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_nothing_of_the_metadata_reaches_a_thumbnail(kind):
    source = metadata_file(kind)
    pixels = inspect(source).pixels

    made = b"".join(one.data for one in thumbnails(pixels)) + base64.b64decode(placeholder(pixels)[len(PREFIX) :])

    assert [word for word in (b"EXIF", b"ICCP", b"secret") if word in made] == []
    assert [is_ours(packet[4:]) for packet in made.split(b"XMP ")[1:]] == [True, True, True]


def test_notes_on_the_given_pixels_do_not_reach_a_thumbnail():
    pixels = drawing(64, 64)
    pixels.info.update(icc_profile=b"secret", exif=b"secret", xmp=b"secret")

    made = b"".join(one.data for one in thumbnails(pixels))

    assert b"secret" not in made


def test_transparency_is_kept():
    pixels = Image.new("RGBA", (800, 800), (200, 30, 30, 0))
    pixels.paste((30, 30, 200, 255), (400, 0, 800, 800))

    small = opened(thumbnail(pixels, 320).data)

    assert (small.getpixel((40, 160))[3], small.getpixel((280, 160))[3]) == (0, 255)


@pytest.mark.parametrize(("mode", "longest"), [("RGB", 250), ("RGBA", 300)])
@pytest.mark.parametrize(("width", "height"), [(1024, 1024), (1360, 768), (768, 1360), (8, 8), (8, 2000), (2000, 8)])
def test_placeholder_is_a_short_address_of_a_tiny_picture(width, height, mode, longest):
    address = placeholder(drawing(width, height, mode))

    tiny = opened(base64.b64decode(address.removeprefix(PREFIX), validate=True))

    assert (tiny.format, tiny.width, len(address) <= longest) == ("WEBP", 16, True)


def test_placeholder_has_the_colours_of_the_picture():
    address = placeholder(Image.new("RGB", (1024, 1024), (240, 130, 20)))

    red, green, blue = opened(base64.b64decode(address.removeprefix(PREFIX))).getpixel((8, 8))

    assert max(abs(red - 240), abs(green - 130), abs(blue - 20)) < 12
