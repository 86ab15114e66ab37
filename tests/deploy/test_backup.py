"""A backup of a running site, and a site that is restored from it; real processes, on SQLite and PostgreSQL."""

import json
import shutil
import tarfile

import pytest

from generations.emulator import Emulator
from generations.schema import load
from tests.deploy.site import Site

pytestmark = [pytest.mark.faults, pytest.mark.services]
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


def manage(site, *words):
    return site.run("manage.py", *words)


def story(site, verb):
    return json.loads(site.output("-c", STORY, verb))


def emulated(provider):
    return {"SEGMIND_BASE_URL": provider, "SEGMIND_RPM": "0"}


def fill(site):
    assert manage(site, "migrate", "--verbosity", "0").returncode == 0
    return story(site, "fill")


@pytest.fixture(scope="module")
def filled_folder(tmp_path_factory, provider):
    """Return the folder of a filled site on SQLite, to be copied, and what is in it."""
    folder = tmp_path_factory.mktemp("filled")
    return folder, fill(Site(folder, f"sqlite:///{folder / 'gallery.sqlite3'}", **emulated(provider)))


@pytest.fixture
def filled(request, new_site, provider):
    site = new_site("filled", **emulated(provider))
    if site.address.startswith("sqlite"):
        folder, site.known = request.getfixturevalue("filled_folder")
        shutil.copytree(folder, site.folder, dirs_exist_ok=True)
    else:
        site.known = fill(site)
    return site


def test_restored_site_has_every_row_and_picture_and_waits_for_its_administrator(filled, new_site, tmp_path):
    (filled.folder / "spool" / "half.answer.part").write_bytes(b"half")
    file = tmp_path / "gallery.tar"

    written = manage(filled, "backup", file)
    assert written.returncode == 0, written.stderr
    assert "the database, 3 pictures and" in written.stdout
    assert "Not in it: .env and other settings" in written.stdout
    assert file.stat().st_mode & 0o077 == 0
    assert story(filled, "draw") != filled.known

    other = new_site("other")
    restored = manage(other, "restore", file)
    assert restored.returncode == 0, restored.stderr
    assert "1 picture was queued or being generated then" in restored.stdout
    assert story(other, "look") == {**filled.known, "paused": ["by_hand"]}
    assert not list(tmp_path.glob("*.part")) + list((other.folder / "spool").glob("*"))


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_that_was_changed_is_refused_and_leaves_the_site_empty(filled, new_site, tmp_path):
    file, other = tmp_path / "gallery.tar", new_site("other")
    manage(filled, "backup", file)
    with tarfile.open(file) as tar:
        member = next(one for one in tar if one.name.startswith("originals/"))
    with file.open("r+b") as opened:
        opened.seek(member.offset_data)
        opened.write(b"\0\0\0\0\0\0\0\0")

    refused = manage(other, "restore", file)

    assert refused.returncode != 0
    assert "is damaged: 1 of its" in refused.stderr
    assert member.name in refused.stderr
    assert not (other.folder / "originals").exists()


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_is_restored_into_an_empty_site_only(filled, tmp_path):
    file = tmp_path / "gallery.tar"
    manage(filled, "backup", file)

    assert "into an empty site only" in manage(filled, "restore", file).stderr
    assert "exists already, and is left as it is" in manage(filled, "backup", file).stderr
    assert story(filled, "look") == filled.known


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_file_that_is_no_backup_is_refused(new_site, tmp_path):
    site, file = new_site("other"), tmp_path / "gallery.tar"
    assert "cannot be read as a backup" in manage(site, "restore", file).stderr
    file.write_bytes(b"no tar")
    assert "cannot be read as a backup" in manage(site, "restore", file).stderr
    for name in ("../outside.py", "originals/../secret_key", "originals/.hidden"):
        with tarfile.open(file, "w") as tar:
            tar.add(__file__, name)
        assert f"{name!r}, which no backup of this site has" in manage(site, "restore", file).stderr
    assert "cannot be written: No such file" in manage(site, "backup", tmp_path / "nowhere" / "file.tar").stderr


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_of_a_newer_version_is_refused(filled, new_site, tmp_path):
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
    manage(filled, "backup", file)
    assert "1 of its migrations are not known here" in manage(other, "restore", file).stderr


@pytest.mark.parametrize("new_site", ["sqlite"], indirect=True)
def test_backup_of_the_other_database_is_refused(filled, new_site, server, tmp_path):
    file, other = tmp_path / "gallery.tar", new_site("other")
    manage(filled, "backup", file)
    other.environment["DATABASE_URL"] = server.create_database(f"other-{tmp_path.name}")

    refused = manage(other, "restore", file).stderr

    assert "The backup is of a sqlite database, and DATABASE_URL names postgresql." in refused
    assert not (other.folder / "originals").exists()
