"""Marked copies: they say that they are AI-generated, have the original's pixels, and lead back to its bytes."""

import hashlib
import re
import time
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.errors import UnusableImage
from generations.imaging import SOURCE_TYPE, Mark, inspect, is_marked_thumbnail, marked, thumbnails, traces
from tests.imaging.metadata import read_by_exiftool, with_manifest
from tests.imaging.pictures import (
    chunk,
    drawing,
    flipped,
    opened,
    picture_file,
    riff,
    segment,
    vp8x,
    with_chunks,
    with_segments,
)

FORMATS = ["png", "jpeg", "webp"]
MODES = [pair for pair in product(FORMATS, ["RGB", "RGBA", "L"]) if pair != ("jpeg", "RGBA")]
MARK = Mark(
    "HiDream-I1 (Fast)", "hidream-l1-fast", datetime(2026, 11, 22, 9, 30, tzinfo=UTC), "two boats", {"seed": 41}
)
PROMPTS = ["<b>\"bold\"</b> & 'more'", "日本の港 🍋", "two\nlines\r\nand a tab\t", "]]> --> ?>", "\0a\x08\ufffe\ud800z"]
PROVIDERS_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Somebody else"/>'


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def odd_webp():
    """Return a simple WebP whose one chunk has an odd length, so that a byte of padding follows it."""
    data = picture_file("webp")
    return riff((data[12:16], data[20:] + b"\0"))


@pytest.mark.parametrize(("kind", "mode"), MODES)
def test_copy_has_the_pixels_of_the_original_and_passes_the_gate(kind, mode):
    data = picture_file(kind, mode=mode)

    copy = marked(data, kind, MARK)

    assert copy != data
    assert opened(copy).tobytes() == opened(data).tobytes()
    assert (opened(copy).mode, inspect(copy).format) == (opened(data).mode, kind)


@pytest.mark.parametrize(("kind", "mode"), MODES)
def test_way_back_from_a_copy_leads_to_the_originals_bytes(kind, mode):
    data = picture_file(kind, mode=mode)

    assert sha256(data) in traces(marked(data, kind, MARK)).before


@pytest.mark.parametrize("options", [{"lossless": True}, {"exact": True, "lossless": True}, {"exif": b"Exif\0\0abcd"}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_kind_of_webp_finds_its_way_back(mode, options):
    data = picture_file("webp", mode=mode, **options)

    copy = marked(data, "webp", MARK)

    assert sha256(data) in traces(copy).before
    assert opened(copy).tobytes() == opened(data).tobytes()


def test_webp_of_an_odd_length_finds_its_way_back():
    data = odd_webp()

    assert sha256(data) in traces(marked(data, "webp", MARK)).before


def test_lossless_transparency_is_announced_in_the_new_header():
    copy = marked(picture_file("webp", mode="RGBA", lossless=True), "webp", MARK)

    assert (copy[12:16], copy[20]) == (b"VP8X", 0x14)


@pytest.mark.parametrize("kind", FORMATS)
def test_exiftool_reads_every_field(kind, tmp_path):
    found = read_by_exiftool(marked(picture_file(kind), kind, MARK), kind, tmp_path)

    assert found["ExifTool:Validate"] == "0 0 0"
    assert {name: value for name, value in found.items() if name.startswith("XMP")} == {
        "XMP-x:XMPToolkit": "HiDream Gallery",
        "XMP-iptcExt:DigitalSourceType": SOURCE_TYPE,
        "XMP-iptcExt:AISystemUsed": "HiDream-I1 (Fast)",
        "XMP-iptcExt:AISystemVersionUsed": "hidream-l1-fast",
        "XMP-iptcExt:AIPromptInformation": "two boats",
        "XMP-xmp:CreatorTool": "HiDream Gallery",
        "XMP-xmp:CreateDate": "2026:11:22 09:30:00+00:00",
        "XMP-photoshop:Credit": "AI-generated with HiDream-I1 (Fast)",
        "XMP-exif:UserComment": "seed: 41",
    }


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("prompt", PROMPTS)
def test_words_arrive_as_they_were_written(kind, prompt, tmp_path):
    found = read_by_exiftool(marked(picture_file(kind), kind, Mark(prompt=prompt)), kind, tmp_path)

    # XML cannot contain control characters.
    written = re.sub("[\0\x08\ufffe\ud800]", "", prompt)
    assert found["XMP-iptcExt:AIPromptInformation"] == written
    assert found["ExifTool:Validate"] == "0 0 0"


def test_what_is_not_known_is_not_said():
    copy = marked(picture_file("png"), "png", Mark())

    assert SOURCE_TYPE.encode() in copy
    assert [word for word in (b"AISystem", b"AIPrompt", b"CreateDate", b"UserComment") if word + b">" in copy] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_words_too_long_for_a_segment_are_left_out_and_the_mark_stays(kind):
    copy = marked(picture_file(kind), kind, Mark("a system", prompt="&" * 20_000))

    assert SOURCE_TYPE.encode() in copy
    assert b"&amp;" not in copy
    assert opened(copy).size == (64, 48)


@pytest.mark.parametrize("kind", FORMATS)
def test_file_that_the_provider_signed_is_left_byte_for_byte(kind):
    data = with_manifest(picture_file(kind), kind)

    assert marked(data, kind, MARK) is data
    assert (traces(data).signed, traces(data).marked) == (True, False)


@pytest.mark.parametrize("kind", FORMATS)
def test_file_that_the_provider_described_keeps_its_own_words(kind):
    options = {"png": {}, "jpeg": {"xmp": PROVIDERS_XMP}, "webp": {"xmp": PROVIDERS_XMP}}[kind]
    data = picture_file(kind, **options)
    if kind == "png":
        data = with_chunks(data, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PROVIDERS_XMP))

    assert marked(data, kind, MARK) is data
    assert not traces(data).marked


def test_segments_that_are_no_notes_of_ours_do_not_count():
    data = with_segments(picture_file("jpeg"), segment(0xEB, b"HDR_RI"), segment(0xE1, b"something"))

    assert marked(data, "jpeg", MARK) != data


def test_jfif_and_exif_stay_in_front():
    copy = marked(picture_file("jpeg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"), "jpeg", MARK)

    heads = [copy.index(word) for word in (b"JFIF", b"Exif", b"http://ns.adobe.com/xap/1.0/\0")]
    assert heads == sorted(heads)


def test_copies_that_say_different_things_have_different_names():
    marks = [Mark(), Mark("a"), Mark("a", prompt="b"), Mark("a", prompt="b", parameters={"seed": 1})]

    assert len({mark.digest for mark in marks}) == 4
    assert Mark("a").digest == Mark("a").digest


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_file_is_refused_with_a_sentence(kind):
    data = picture_file(kind)

    for broken in (data[: len(data) // 2], b"", b"text", data[:13]):
        if kind == "jpeg" and broken == data[: len(data) // 2]:
            continue  # its metadata is complete, and nothing after it is read
        with pytest.raises(UnusableImage):
            marked(broken, kind, MARK)


def test_file_of_another_format_is_refused():
    with pytest.raises(UnusableImage, match="PNG file is stored as webp"):
        marked(picture_file("png"), "webp", MARK)


@pytest.mark.parametrize("kind", FORMATS)
def test_changed_pixel_of_a_copy_leads_nowhere(kind):
    data = picture_file(kind)
    copy = marked(data, kind, MARK)

    found = traces(flipped(copy, copy.index(data[-40:]) + 5))

    assert found.marked
    assert sha256(data) not in found.before


def test_thumbnails_say_what_they_are_and_nothing_else(tmp_path):
    for one in thumbnails(drawing(400, 300)):
        assert is_marked_thumbnail(one.data[:21])
        found = read_by_exiftool(one.data, "webp", tmp_path)
        assert {name: value for name, value in found.items() if name.startswith("XMP")} == {
            "XMP-x:XMPToolkit": "HiDream Gallery",
            "XMP-iptcExt:DigitalSourceType": SOURCE_TYPE,
            "XMP-xmp:CreatorTool": "HiDream Gallery",
            "XMP-photoshop:Credit": "AI-generated",
        }


@pytest.mark.parametrize("head", [b"", b"RIFF", picture_file("webp")[:21], picture_file("webp")[:20]])
def test_thumbnail_from_before_is_told_apart(head):
    assert not is_marked_thumbnail(head)


@given(st.binary(max_size=300))
def test_any_bytes_have_traces(data):
    assert traces(data).sha256 == sha256(data)


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(FORMATS), st.data())
def test_damage_never_breaks_the_search_for_traces(kind, chance):
    copy = bytearray(marked(picture_file(kind, 16, 16), kind, MARK))
    for _ in range(chance.draw(st.integers(1, 4))):
        copy[chance.draw(st.integers(0, len(copy) - 1))] = chance.draw(st.integers(0, 255))
    data = bytes(copy[: chance.draw(st.integers(0, len(copy)))])

    assert traces(data).sha256 == sha256(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + b"\xff" * 20_000_000,
        b"\xff\xd8" + b"\xff\x01" * 10_000_000,
        b"\x89PNG\r\n\x1a\n" + bytes(20_000_000),
        b"RIFF\0\0\0\0WEBP" + bytes(20_000_000),
    ],
    ids=["fill bytes", "markers", "PNG chunks", "WebP chunks"],
)
def test_millions_of_parts_are_not_walked_through(data):
    began = time.process_time()

    assert not traces(data).marked
    assert time.process_time() - began < 2  # a loop over them takes three to ten seconds


@pytest.mark.parametrize("filled", [b"\xff", b"\xff" * 9, b"\xff\x01"])
def test_padding_between_segments_hides_nothing(filled):
    data = picture_file("jpeg")
    padded = data[:2] + filled + with_manifest(data, "jpeg")[2:]

    assert traces(padded).signed
    assert marked(padded, "jpeg", MARK) is padded
    unsigned = data[:2] + filled + data[2:]
    assert sha256(unsigned) in traces(marked(unsigned, "jpeg", MARK)).before


def test_webp_without_the_header_for_notes_is_none_of_ours():
    ours = marked(picture_file("webp"), "webp", MARK)
    packet = ours[ours.index(b"XMP ") + 8 :]

    for forged in (
        riff((b"XMP ", packet)),
        riff((b"VP8 ", b""), (b"XMP ", packet)),
        riff(vp8x(8, 8), (b"XMP ", packet)),
    ):
        assert traces(forged).sha256 == sha256(forged)
