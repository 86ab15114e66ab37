"""Copies that leave carry the operator's signature where there is a certificate, and leave without it all the same."""

import io
import logging
import zipfile

import pytest

from generations.imaging import is_valid, traces
from generations.models import Image
from generations.storage import files
from tests.factories import draw
from tests.imaging.metadata import with_manifest
from tests.infrastructure.certificates import certified
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db
FORMATS = {"png": "png", "jpg": "jpeg", "webp": "webp"}


@pytest.fixture(params=FORMATS)
def picture(request, alice, team, emulator):
    return draw(alice, team, output_format=request.param)


@pytest.fixture
def certificate(settings, tmp_path):
    made = certified(tmp_path / "authority")
    settings.C2PA_CERTIFICATE, settings.C2PA_KEY = map(str, made)
    return made


def leave(as_, alice, team, picture):
    """By the download, an archive of the team, a shared one."""
    _, base = share(alice, collect(alice, team, picture, name=f"Menu of {picture.id}"), allow_download=True)
    chosen = {"action": "zip", "id": [str(picture.id)]}
    archives = as_(alice).post("/t/harbour/selection/", chosen), outsider().get(f"{base}zip")
    opened = [zipfile.ZipFile(io.BytesIO(response.getvalue())) for response in archives]
    return [
        as_(alice).get(f"/g/{picture.id}/image?download").content,
        *(found.read(found.namelist()[0]) for found in opened),
    ]


def test_every_copy_is_signed_and_traced_back(as_, alice, team, picture, certificate):
    before = files.read(picture.image.path)

    copies = leave(as_, alice, team, picture)

    assert [is_valid(copy, picture.image.format) for copy in copies] == [True] * 3
    assert all(picture.image.sha256 in traces(copy).before for copy in copies)
    assert files.read(picture.image.path) == before


def test_what_the_provider_signed_is_not_signed_again(as_, alice, team, picture, certificate):
    signed = with_manifest(files.read(picture.image.path), picture.image.format)
    files.save(picture.image.path, signed)
    Image.objects.update(size=len(signed))

    assert leave(as_, alice, team, picture) == [signed] * 3


def test_copy_leaves_unsigned_when_the_key_does_not_do(as_, alice, team, picture, certificate, caplog):
    certificate[1].write_text("not a key any more")

    with caplog.at_level(logging.ERROR):
        copies = leave(as_, alice, team, picture)

    assert [(traces(copy).marked, traces(copy).signed) for copy in copies] == [(True, False)] * 3
    assert "leaves unsigned: The key file contains no key" in caplog.text
    assert "not a key any more" not in caplog.text


def test_copy_that_was_signed_is_not_sent_again(as_, alice, picture, certificate):
    client = as_(alice)
    first = client.get(f"/g/{picture.id}/image?download")

    assert first["ETag"].startswith('W/"')
    again = client.get(f"/g/{picture.id}/image?download", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
