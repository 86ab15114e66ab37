"""A backup of a running site, and a site that is restored from it; real processes, on SQLite and PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from generations.emulator import Emulator
from generations.schema import load
from tests.infrastructure import Unavailable
from tests.infrastructure.postgres import postgres, programs

pytestmark = [pytest.mark.faults, pytest.mark.services]
ROOT = Path(__file__).resolve().parents[2]
STORY = """
import json, sys
import django; django.setup()
from generations.models import Generation, LedgerEntry, ProviderPause, Team, Total, User, Image
from generations.storage import files
from tests.factories import draw, make_person, make_team, order
if sys.argv[1] == "fill":
    team = make_team()
    alice = make_person("Alice", team, "owner")
    for number in range(3):
        draw(alice, team, prompt=f"picture {number}")
    order(alice, team, prompt="waits")
if sys.argv[1] == "draw":
    draw(User.objects.get(), Team.objects.get(), prompt="later")
print(json.dumps({
    "prompts": list(Generation.objects.order_by("id").values_list("prompt", flat=True)),
    "entries": LedgerEntry.objects.count(),
    "sum": str(LedgerEntry.objects.aggregate(sum=Total("amount"))["sum"]),
    "pictures": [len(files.read(path)) for path in Image.objects.order_by("pk").values_list("path", flat=True)],
    "paused": list(ProviderPause.objects.filter(ended_at=None).values_list("cause", flat=True)),
}))
"""


@pytest.fixture(scope="module")
def provider():
    with Emulator(load(), speed_up=10_000) as running:
        running.control.update({"drawing": "tiny"})
        yield running.url


@pytest.fixture(scope="module")
def server():
    try:
        with postgres() as server:
            yield server
    except Unavailable as error:
        pytest.skip(str(error))


class Site:
    def __init__(self, folder, address, provider):
        clean = {name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "SEGMIND_API_KEY"}}
        self.folder = folder
        self.environment = {
            **clean, "DJANGO_SETTINGS_MODULE": "hidream_site.settings", "DATA_DIR": str(folder),
            "DATABASE_URL": address, "SEGMIND_BASE_URL": provider, "SEGMIND_RPM": "0",
        }  # fmt: skip

    def run(self, *words):
        return subprocess.run(
            [sys.executable, *words], check=False, env=self.environment, cwd=ROOT, capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip

    def manage(self, *words):
        return self.run("manage.py", *map(str, words))

    def story(self, verb):
        done = self.run("-c", STORY, verb)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_site(request, tmp_path, provider, monkeypatch):
    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        if request.param == "sqlite":
            return Site(folder, f"sqlite:///{folder / 'gallery.sqlite3'}", provider)
        address = request.getfixturevalue("server").create_database(f"{name}-{tmp_path.name}"[-60:])
        # The programs of the server's own version; others may be in the way.
        monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")
        return Site(folder, address, provider)

    return make


def fill(site):
    assert site.manage("migrate", "--verbosity", "0").returncode == 0
    return site.story("fill")


@pytest.fixture(scope="module")
def filled_folder(tmp_path_factory, provider):
    """Return the folder of a filled site on SQLite, to be copied, and what is in it."""
    folder = tmp_path_factory.mktemp("filled")
    return folder, fill(Site(folder, f"sqlite:///{folder / 'gallery.sqlite3'}", provider))


@pytest.fixture
def filled(request, new_site):
    site = new_site("filled")
    if site.environment["DATABASE_URL"].startswith("sqlite"):
        folder, site.known = request.getfixturevalue("filled_folder")
        shutil.copytree(folder, site.folder, dirs_exist_ok=True)
    else:
        site.known = fill(site)
    return site


def test_restored_site_has_every_row_and_picture_and_waits_for_its_administrator(filled, new_site, tmp_path):
    (filled.folder / "spool" / "half.answer.part").write_bytes(b"half")
    file = tmp_path / "gallery.tar"

    written = filled.manage("backup", file)
    assert written.returncode == 0, written.stderr
    assert "the database, 3 pictures and" in written.stdout
    assert "Not in it: .env and other settings" in written.stdout
    assert file.stat().st_mode & 0o077 == 0
    assert filled.story("draw") != filled.known

    other = new_site("other")
    restored = other.manage("restore", file)
    assert restored.returncode == 0, restored.stderr
    assert "1 picture was queued or being generated then" in restored.stdout
    assert other.story("look") == {**filled.known, "paused": ["by_hand"]}
    assert not list(tmp_path.glob("*.part")) + list((other.folder / "spool").glob("*"))


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_that_was_changed_is_refused_and_leaves_the_site_empty(filled, new_site, tmp_path):
    file, other = tmp_path / "gallery.tar", new_site("other")
    filled.manage("backup", file)
    with tarfile.open(file) as tar:
        member = next(one for one in tar if one.name.startswith("originals/"))
    with file.open("r+b") as opened:
        opened.seek(member.offset_data)
        opened.write(b"\0\0\0\0\0\0\0\0")

    refused = other.manage("restore", file)

    assert refused.returncode != 0
    assert "is damaged: 1 of its" in refused.stderr
    assert member.name in refused.stderr
    assert not (other.folder / "originals").exists()


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_is_restored_into_an_empty_site_only(filled, tmp_path):
    file = tmp_path / "gallery.tar"
    filled.manage("backup", file)

    assert "into an empty site only" in filled.manage("restore", file).stderr
    assert "exists already, and is left as it is" in filled.manage("backup", file).stderr
    assert filled.story("look") == filled.known


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_file_that_is_no_backup_is_refused(new_site, tmp_path):
    site, file = new_site("other"), tmp_path / "gallery.tar"
    assert "cannot be read as a backup" in site.manage("restore", file).stderr
    file.write_bytes(b"no tar")
    assert "cannot be read as a backup" in site.manage("restore", file).stderr
    for name in ("../outside.py", "originals/../secret_key", "originals/.hidden"):
        with tarfile.open(file, "w") as tar:
            tar.add(__file__, name)
        assert f"{name!r}, which no backup of this site has" in site.manage("restore", file).stderr
    assert "cannot be written: No such file" in site.manage("backup", tmp_path / "nowhere" / "file.tar").stderr


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_of_a_newer_version_and_of_another_database_are_refused(filled, new_site, tmp_path):
    file, other = tmp_path / "gallery.tar", new_site("other")
    filled.run(
        "-c",
        (
            "import django; django.setup()\n"
            "from django.db import connection\n"
            "from django.db.migrations.recorder import MigrationRecorder\n"
            "MigrationRecorder(connection).record_applied('generations', '9999_later')\n"
        ),
    )
    filled.manage("backup", file)
    assert "1 of its migrations are not known here" in other.manage("restore", file).stderr

    other.environment["DATABASE_URL"] = "postgres://gallery@127.0.0.1:1/gallery"
    assert "restore" not in other.manage("restore", file).stdout
