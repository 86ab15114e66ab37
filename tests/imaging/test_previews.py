"""Previews for other sites: a JPEG that every chat reads, light enough for all of them."""

import os

import pytest
from PIL import Image

from generations.imaging import inspect, preview, preview_size, traces
from tests.imaging.pictures import drawing, encoded, opened

MAX_BYTES = 300_000


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((1024, 1024), (1024, 1024)), ((2048, 2048), (1200, 1200)), ((1360, 768), (1200, 678)), ((8, 8192), (1, 1200)),
        ((64, 48), (64, 48)),
    ],
)  # fmt: skip
def test_size_is_told_before_it_is_made(size, small):
    assert preview_size(*size) == small
    assert opened(preview(drawing(*size))).size == small


@pytest.mark.parametrize("side", [1024, 2048])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_preview_of_noise_is_light_and_marked(kind, side):
    noise = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3))
    data = preview(inspect(encoded(noise, kind)).pixels)

    assert len(data) <= MAX_BYTES
    assert (opened(data).format, traces(data).marked) == ("JPEG", True)


def test_plain_picture_keeps_its_quality_and_none_of_its_metadata():
    exif = Image.Exif()
    exif[0x010E] = "secret"
    data = preview(inspect(encoded(drawing(2000, 1500), "jpeg", exif=exif, comment=b"secret")).pixels)

    assert 20_000 < len(data) <= MAX_BYTES
    assert b"secret" not in data


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))

    assert opened(preview(clear)).getpixel((20, 20)) == (255, 255, 255)


def test_animation_is_shown_by_its_first_frame():
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "webp", save_all=True, append_images=frames[1:])

    red, _, blue = opened(preview(inspect(data).pixels)).getpixel((32, 32))
    assert red > blue + 150
