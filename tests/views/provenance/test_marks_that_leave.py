"""Every way a picture leaves × every format: exiftool reads the mark; pixels and original are unchanged."""

import io
import re
import zipfile

import pytest

from generations.models import Image
from generations.storage import files
from tests.factories import draw
from tests.imaging.metadata import read_by_exiftool, with_manifest
from tests.imaging.pictures import opened
from tests.sharing import collect, outsider, share

pytestmark = pytest.mark.django_db
FORMATS = {"png": "png", "jpg": "jpeg", "webp": "webp"}
MARKED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@pytest.fixture(params=FORMATS)
def picture(request, alice, team, emulator):
    return draw(alice, team, prompt="two boats", seed="41", output_format=request.param)


@pytest.fixture
def whole_files(as_, alice, team, picture):
    """Return a function that fetches all files, so that a test can change the original first."""

    def fetch():
        menu = collect(alice, team, picture)
        _, single = share(alice, picture, allow_download=True)
        _, many = share(alice, menu, allow_download=True)
        member, anyone = as_(alice), outsider()
        chosen = {"action": "zip", "id": [str(picture.id)]}
        return {
            "download": member.get(f"/g/{picture.id}/image?download").getvalue(),
            "shared": anyone.get(f"{single}{picture.id}/image").getvalue(),
            "shared in a collection": anyone.get(f"{many}{picture.id}/image").getvalue(),
            "archive of a selection": first_member(member.post("/t/harbour/selection/", chosen)),
            "archive of a collection": first_member(member.get(f"/t/harbour/collections/{menu.pk}/zip")),
            "shared archive": first_member(anyone.get(f"{many}zip")),
        }

    return fetch


@pytest.fixture
def previews(as_, alice, team, picture):
    _, base = share(alice, collect(alice, team, picture))
    card = re.search(r'property="og:image" content="http://testserver([^"]+)"', outsider().get(base).content.decode())
    asked = {f"thumbnail {width}": (as_(alice), f"/g/{picture.id}/thumb/{width}.webp") for width in (320, 640, 1280)}
    asked |= {"shared": (outsider(), f"{base}{picture.id}/thumb/1280.webp"), "card": (outsider(), card[1])}
    return {name: client.get(url).getvalue() for name, (client, url) in asked.items()}


def first_member(response):
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as found:
        assert found.testzip() is None
        return found.read(found.namelist()[0])


def said(data, kind, folder):
    found = read_by_exiftool(data, kind, folder)
    complaints = [found[name] for name in found if name in {"ExifTool:Warning", "ExifTool:Error"}]
    return found.get("XMP-iptcExt:DigitalSourceType"), found["ExifTool:Validate"], complaints


def on_the_disk(root):
    found = [path for path in (root / "originals").rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) for path in found}


def test_whole_files_are_marked_and_show_the_same(picture, whole_files, data_dir, tmp_path):
    before = on_the_disk(data_dir)
    pixels = opened(files.read(picture.image.path)).tobytes()

    copies = whole_files()

    assert {name: said(data, picture.image.format, tmp_path) for name, data in copies.items()} == dict.fromkeys(
        copies, (MARKED, "0 0 0", [])
    )
    assert [name for name, data in copies.items() if opened(data).tobytes() != pixels] == []
    assert [name for name, data in copies.items() if b"two boats" in data] == []
    assert on_the_disk(data_dir) == before
    assert len(before) == 1


def test_previews_are_marked(previews, tmp_path):
    assert {
        name: said(data, "jpeg" if name == "card" else "webp", tmp_path) for name, data in previews.items()
    } == dict.fromkeys(previews, (MARKED, "0 0 0", []))


def test_what_the_provider_signed_leaves_byte_for_byte(picture, whole_files):
    signed = with_manifest(files.read(picture.image.path), picture.image.format)
    files.save(picture.image.path, signed)
    Image.objects.update(size=len(signed))

    copies = whole_files()

    assert [name for name, data in copies.items() if data != signed] == []
    assert files.read(picture.image.path) == signed


@pytest.mark.parametrize(
    ("team_tells", "link_tells", "told"), [(False, True, False), (True, False, False), (True, True, True)]
)
def test_words_leave_in_a_shared_archive_where_team_and_link_agree(alice, team, emulator, team_tells, link_tells, told):
    type(team).objects.filter(pk=team.pk).update(prompt_in_shared_copies=team_tells)
    row = draw(alice, team, prompt="two boats")
    _, base = share(alice, collect(alice, team, row), allow_download=True, show_prompt=link_tells)

    data = first_member(outsider().get(f"{base}zip"))

    assert (b"<Iptc4xmpExt:AIPromptInformation>two boats<" in data) is told
