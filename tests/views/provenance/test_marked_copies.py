"""What leaves the site says that it is AI-generated; prompt and parameters only where the team has said so."""

import hashlib

import pytest

from generations.imaging import traces
from generations.models import Thumbnail
from generations.queries.provenance.provenance import shared_mark
from generations.storage import files
from tests.factories import draw
from tests.imaging.metadata import read_by_exiftool, with_manifest
from tests.imaging.pictures import opened

pytestmark = pytest.mark.django_db
FORMATS = {"png": "png", "jpg": "jpeg", "webp": "webp"}
PROMPT = 'Two boats & a "sign" <b>'


@pytest.fixture
def client(as_, alice):
    return as_(alice)


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team, prompt=PROMPT, seed="41", output_format="jpg")


def download(client, picture, **options):
    return client.get(f"/g/{picture.id}/image?download", **options)


def allow(team, **switches):
    type(team).objects.filter(pk=team.pk).update(**switches)


@pytest.mark.parametrize("asked", FORMATS)
def test_download_carries_the_mark_and_the_originals_pixels(client, alice, team, emulator, asked, tmp_path):
    picture = draw(alice, team, prompt=PROMPT, output_format=asked)
    original = files.read(picture.image.path)

    response = download(client, picture)

    assert (response["Content-Type"], response["Content-Length"]) == (
        picture.image.content_type,
        str(len(response.content)),
    )
    found = read_by_exiftool(response.content, FORMATS[asked], tmp_path)
    assert found["XMP-iptcExt:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert (found["XMP-iptcExt:AISystemUsed"], found["ExifTool:Validate"]) == ("HiDream-I1 (Fast)", "0 0 0")
    assert opened(response.content).tobytes() == opened(original).tobytes()
    assert picture.image.sha256 in traces(response.content).before


def test_original_on_the_disk_is_never_written_to(client, picture):
    path = files.path_of(picture.image.path)
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)

    assert download(client, picture).content

    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert hashlib.sha256(before[0]).hexdigest() == picture.image.sha256


def test_words_are_in_a_download_only_when_the_team_says_so(client, team, picture, tmp_path):
    silent = download(client, picture)
    allow(team, prompt_in_downloads=True)
    telling = download(client, picture)

    assert b"Two boats" not in silent.content
    assert b"boats" not in silent.content.split(b"<x:xmpmeta")[1]
    found = read_by_exiftool(telling.content, "jpeg", tmp_path)
    assert found["XMP-iptcExt:AIPromptInformation"] == PROMPT
    assert "seed: 41" in found["XMP-exif:UserComment"].split("\n")
    assert "prompt" not in found["XMP-exif:UserComment"]


def test_switch_for_links_says_nothing_about_downloads(client, team, picture):
    allow(team, prompt_in_shared_copies=True)

    assert b"Two boats" not in download(client, picture).content
    picture.team.refresh_from_db()
    assert shared_mark(picture).prompt == PROMPT


def test_nobodys_name_is_in_a_copy(client, team, alice, picture):
    allow(team, prompt_in_downloads=True)

    content = download(client, picture).content

    assert alice.name.encode() not in content
    assert alice.email.encode() not in content


def test_copy_the_browser_has_is_not_sent_again_until_the_team_chooses_otherwise(client, team, picture):
    first = download(client, picture)
    known = {"If-None-Match": first["ETag"]}

    again = download(client, picture, headers=known)
    allow(team, prompt_in_downloads=True)
    changed = download(client, picture, headers=known)

    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert len({first["ETag"], changed["ETag"], f'"{picture.image.sha256}"'}) == 3
    assert first["Cache-Control"] == "private, no-cache"


def test_copy_is_harmless_and_private(client, picture):
    response = download(client, picture)

    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Vary"] == "Cookie"


def test_copy_is_not_for_strangers(as_, charlie, picture):
    assert download(as_(charlie), picture).status_code == 404


def test_head_of_a_copy_says_how_long_it_is(client, picture):
    assert (
        client.head(f"/g/{picture.id}/image?download")["Content-Length"] == download(client, picture)["Content-Length"]
    )


def test_web_server_is_not_asked_for_a_copy(client, picture, settings):
    settings.ACCEL_LOCATION = "/protected/"

    response = download(client, picture)

    assert "X-Accel-Redirect" not in response
    assert traces(response.content).marked


def test_signed_original_leaves_as_it_is(client, picture):
    signed = with_manifest(files.read(picture.image.path), "jpeg")
    files.save(picture.image.path, signed)

    assert download(client, picture).content == signed


def test_damaged_original_is_said_to_be_damaged(client, picture):
    files.save(picture.image.path, b"\xff\xd8\xff\xe0")

    response = download(client, picture)

    assert response.status_code == 404
    assert "is damaged" in response.content.decode()


def test_missing_original_is_said_to_be_missing(client, picture):
    files.delete(picture.image.path)

    assert "is missing" in download(client, picture).content.decode()


def test_thumbnail_carries_the_mark(client, picture, tmp_path):
    data = client.get(f"/g/{picture.id}/thumb/640.webp").getvalue()

    found = read_by_exiftool(data, "webp", tmp_path)
    assert found["XMP-iptcExt:DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    assert (found["ExifTool:Validate"], b"Two boats" in data) == ("0 0 0", False)


def test_thumbnail_from_before_the_mark_is_made_again_when_it_is_asked_for(client, picture):
    row = Thumbnail.objects.get(nominal=640)
    bare = files.read(row.path)
    start = bare.index(b"XMP ")
    old = bare[:20] + bytes([bare[20] & ~4]) + bare[21:start]
    old = old[:4] + (len(old) - 8).to_bytes(4, "little") + old[8:]
    files.save(row.path, old)
    Thumbnail.objects.filter(pk=row.pk).update(size=len(old))

    data = client.get(f"/g/{picture.id}/thumb/640.webp").getvalue()

    assert (data, Thumbnail.objects.get(nominal=640).size) == (bare, len(bare))
