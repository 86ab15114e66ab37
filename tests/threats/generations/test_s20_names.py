"""Threat S20: no name that a user typed becomes a path or a header."""

import io
import re
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest

from generations.models import Collection, Generation, Team
from tests.infrastructure.programs import need

pytestmark = pytest.mark.django_db
EVIL = [
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/absolute/path", "C:\\x.exe", "a\r\nX-Evil: 1",
    "a\nSet-Cookie: evil=1", "a\u2028X-Evil: 1",
    "\u202egnp.exe", "con", "....//....//x", "~root/.ssh/id", "-rf .", ".htaccess", "a;filename=evil.exe",
    'a"; filename="evil.exe',
    "a%0d%0aX-Evil: 1", "x" * 2000, "\u540d\u524d/\u6e2f", "a\tb\vc\fd", "$(touch evil) `id` | & ;",
]  # fmt: skip
SAFE = re.compile(r"[A-Za-z0-9 ._-]+")


def disposition(response):
    value = response["Content-Disposition"]
    assert "X-Evil" not in response.headers
    assert "evil" not in response.cookies
    assert not re.search(r"[\r\n\x00-\x1f]", "".join(map(str, response.headers.values())))
    plain, full = re.fullmatch(
        r"attachment; filename=\"([^\"]+)\"(?:; filename\*=UTF-8''([\w.%~-]+))?", value, re.A
    ).groups()
    for name in (plain, unquote(full or plain)):
        assert is_safe(name), name
        assert not name.startswith(("-", ".", "~"))
    return plain


def is_safe(name):
    """Return whether the name has letters of any script, and of the signs only those that no system obeys."""
    return all(SAFE.fullmatch(one) or one.isalpha() for one in name)


@pytest.fixture
def evil_world(world, request):
    """Use the same words as prompt and as names of collection and team."""
    words = request.param
    Generation.objects.filter(id=world.picture.id).update(prompt=words)
    Collection.objects.filter(id=world.collection.id).update(name=words.replace("\0", "")[:80])
    Team.objects.filter(pk=world.team.pk).update(name=words[:80])
    return world


@pytest.mark.parametrize("evil_world", EVIL, ids=range(len(EVIL)), indirect=True)
def test_s20_name_is_only_a_name(as_, alice, evil_world, tmp_path):
    client, picture = as_(alice), evil_world.picture
    chosen = {"action": "zip", "id": [str(picture.id)]}
    answers = [
        client.get(f"/t/harbour/collections/{evil_world.collection.id}/zip"),
        client.post("/t/harbour/selection/", chosen),
        client.get(f"/g/{picture.id}/image?download"),
        client.get(f"/s/{evil_world.tokens['share']}/{picture.id}/image"),
    ]
    names = [disposition(answer) for answer in answers]
    files = [answer.getvalue() for answer in answers]

    assert [name.rpartition(".")[2] for name in names] == ["zip", "zip", picture.image.format, picture.image.format]
    for data in files[:2]:
        stay_inside(data, tmp_path)


def stay_inside(data, folder):
    """Check names and extraction with Python's zipfile and with unzip."""
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        listed = found.namelist()
    assert [name for name in listed if not is_safe(name) or ".." in name or name.startswith((".", "-"))] == []
    folder = folder / "unpacked"
    folder.mkdir(exist_ok=True)
    archive, inside = folder / "a.zip", folder / "inside"
    archive.write_bytes(data)
    subprocess.run([need("unzip"), "-qq", "-o", str(archive), "-d", str(inside)], check=True, capture_output=True)
    assert sorted(path.name for path in Path(inside).iterdir()) == sorted(listed)
    assert sorted(path.name for path in folder.iterdir()) == ["a.zip", "inside"]
