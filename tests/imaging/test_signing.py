"""A signed copy: valid to a reader that is not ours, broken by any change, and still traced back to its original."""

import hashlib
import io
import json
import stat
from datetime import UTC, datetime

import c2pa
import pytest

from generations.errors import CannotSign
from generations.imaging import SOURCE_TYPE, Credentials, Mark, is_valid, marked, signed, traces
from tests.imaging.metadata import read_by_exiftool
from tests.imaging.pictures import opened, picture_file
from tests.infrastructure.certificates import certified

FORMATS = ["png", "jpeg", "webp"]
MARK = Mark("HiDream-I1 (Fast)", "hidream-l1-fast", datetime(2026, 11, 22, 9, 30, tzinfo=UTC))


def read(certificate, key):
    return Credentials(certificate.read_bytes(), key.read_bytes())


@pytest.fixture(scope="session")
def credentials(tmp_path_factory):
    return read(*certified(tmp_path_factory.mktemp("authority")))


def told_by_reader(data, kind):
    with c2pa.Reader(f"image/{kind}", io.BytesIO(data)) as reader:
        found = json.loads(reader.json())
    codes = {status["code"] for status in found.get("validation_status", [])}
    return found["validation_state"], codes, found["manifests"][found["active_manifest"]]


@pytest.mark.parametrize("kind", FORMATS)
def test_reader_finds_the_signature_valid_and_what_it_says(kind, credentials, tmp_path):
    original = picture_file(kind, 320, 240)
    copy = marked(original, kind, MARK)

    data = signed(copy, kind, MARK, credentials)

    state, codes, manifest = told_by_reader(data, kind)
    # The world does not know the tests' authority, and nothing else is wrong.
    assert (state, codes) == ("Valid", {"signingCredential.untrusted"})
    ((action,),) = [one["data"]["actions"] for one in manifest["assertions"] if one["label"].startswith("c2pa.actions")]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", SOURCE_TYPE)
    assert action["softwareAgent"] == {"name": "HiDream-I1 (Fast)", "version": "hidream-l1-fast"}
    assert "thumbnail" not in manifest
    assert 2_000 < len(data) - len(copy) < 5_000
    assert opened(data).tobytes() == opened(original).tobytes()
    found = read_by_exiftool(data, kind, tmp_path)
    assert (found["XMP-iptcExt:DigitalSourceType"], found["ExifTool:Validate"]) == (SOURCE_TYPE, "0 0 0")


@pytest.mark.parametrize("kind", FORMATS)
def test_changed_pixel_or_mark_breaks_it(kind, credentials):
    data = signed(marked(picture_file(kind, 320, 240), kind, MARK), kind, MARK, credentials)
    begins, behind = {"png": (b"IDAT", 40), "jpeg": (b"\xff\xda", 400), "webp": (b"VP8 ", 500)}[kind]

    assert is_valid(data, kind)
    for place in (data.rindex(begins) + behind, data.index(b"trainedAlgorithmicMedia", data.index(b"<x:xmpmeta"))):
        changed = bytearray(data)
        changed[place] ^= 1
        assert not is_valid(bytes(changed), kind)
    state, codes, _ = told_by_reader(bytes(changed), kind)
    assert (state, "assertion.dataHash.mismatch" in codes) == ("Invalid", True)


@pytest.mark.parametrize("kind", FORMATS)
def test_signed_copy_is_traced_back_to_its_original(kind, credentials):
    original = picture_file(kind)
    found = traces(signed(marked(original, kind, MARK), kind, MARK, credentials))

    assert hashlib.sha256(original).hexdigest() in found.before
    assert (found.marked, found.signed) == (True, True)


@pytest.mark.parametrize("kind", FORMATS)
def test_signed_file_is_not_marked_or_signed_again(kind, credentials):
    data = signed(marked(picture_file(kind), kind, MARK), kind, MARK, credentials)

    assert marked(data, kind, Mark()) == data


def test_other_curve_signs_as_well(tmp_path):
    keys = read(*certified(tmp_path / "other", curve="es384"))

    assert is_valid(signed(marked(picture_file("png"), "png", MARK), "png", MARK, keys), "png")


def test_what_does_not_fit_is_said(credentials, tmp_path):
    other = read(*certified(tmp_path / "other"))
    pairs = {
        "doesn't match": (credentials.certificate, other.key),
        "certificate file contains no certificate": (b"nothing", other.key),
        "key file contains no key": (credentials.certificate, b"nothing"),
    }
    for words, pair in pairs.items():
        with pytest.raises(CannotSign, match=words):
            signed(picture_file("png"), "png", MARK, Credentials(*pair))


def test_key_of_the_tests_is_kept_as_an_operators_is(tmp_path):
    assert stat.S_IMODE(certified(tmp_path / "one")[1].stat().st_mode) == 0o600


def test_key_is_not_in_a_traceback(credentials):
    assert b"PRIVATE" in credentials.key
    assert "PRIVATE" not in repr(credentials)
