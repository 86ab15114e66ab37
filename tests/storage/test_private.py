"""The data folder is open to its own user only; nginx's group reads pictures, and nothing else."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from generations import checks
from generations.storage import files, private, spool
from tests.hidream_site.test_settings import ROOT
from tests.infrastructure.deployment import IS_ROOT, nobody

NAME = "originals/ab/one.png"
# What one process of the site writes: the database, an answer, a picture, and the key of `make run`.
WRITE = """
import django; django.setup()
from django.core.management import call_command
from generations.conf import conf
from generations.management.devserver.programs import secret_key
from generations.storage import files
call_command("migrate", verbosity=0)
secret_key(conf().data_dir)
files.save("originals/ab/one.png", b"picture")
files.save("thumbnails/ab/320.webp", b"small", durable=False)
files.write_whole(conf().data_dir / "spool" / "x.answer", conf().data_dir / "spool" / "x.part", b"paid", durable=True)
"""


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def modes(root):
    return {str(path.relative_to(root)): f"{mode(path):04o}" for path in [root, *root.rglob("*")]}


def run_site(data, script=WRITE, **changes):
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MEDIA_GROUP"}}
    environment |= {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "hidream_site.settings", **changes}
    # The shell that starts it may have an open umask.
    words = [sys.executable, "-c", f"import os; os.umask(0o022)\n{script}"]
    subprocess.run(words, cwd=ROOT, env=environment, check=True, timeout=120)


def test_what_the_site_writes_is_for_nobody_else(tmp_path):
    run_site(tmp_path / "data")

    found = modes(tmp_path / "data")
    pictures = {name: value for name, value in found.items() if name.startswith(files.FOLDERS)}
    assert pictures == {
        "originals": "0750", "originals/ab": "0750", "originals/ab/one.png": "0640",
        "thumbnails": "0750", "thumbnails/ab": "0750", "thumbnails/ab/320.webp": "0640",
    }  # fmt: skip
    assert {"gallery.sqlite3", "secret_key", "spool", "spool/x.answer"} <= found.keys()
    assert {value for name, value in found.items() if name not in pictures} == {"0700", "0600"}


def test_group_of_nginx_reads_pictures_and_cannot_read_database_key_or_spool(open_folder):
    """Tried as another user who is in that group."""
    if not IS_ROOT:
        pytest.skip("only root can be somebody else")
    data = open_folder / "data"
    run_site(data, MEDIA_GROUP=str(nobody().pw_gid))

    paths = [path for path in data.rglob("*") if path.is_file()]
    script = 'for path; do cat "$path" >/dev/null 2>&1 && echo "$path"; done; true'
    said = subprocess.run(
        ["sh", "-c", script, "sh", *map(str, paths)], user=nobody().pw_uid, group=nobody().pw_gid, extra_groups=[],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert {str(Path(line).relative_to(data)) for line in said.splitlines()} == {NAME, "thumbnails/ab/320.webp"}
    assert f"{mode(data):04o}" == "0710"


@pytest.fixture
def open_folder(tmp_path_factory):
    """Return a folder that others can open: that of pytest is closed to them, which would prove nothing."""
    name = Path("/tmp") / f"private-{os.getpid()}-{os.urandom(4).hex()}"
    name.mkdir()
    name.chmod(0o711)
    yield name
    subprocess.run(["rm", "-rf", str(name)], check=True)


def old_release(data):
    """Create a data folder with the modes that umask 022 left."""
    for folder in ("originals/ab", "thumbnails/ab", "spool", "logs"):
        (data / folder).mkdir(parents=True)
    for name in ("gallery.sqlite3", NAME, "thumbnails/ab/320.webp", "spool/x.answer", "logs/web.log"):
        (data / name).write_bytes(b"x")
    for path in [data, *data.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_folder_of_an_older_release_is_closed_at_the_start(data_dir):
    old_release(data_dir)

    files.make_private()

    found = modes(data_dir)
    assert found["."] == found["spool"] == found["logs"] == "0700"
    assert found["gallery.sqlite3"] == "0600"
    assert found["originals"] == found["originals/ab"] == found["thumbnails/ab"] == "0750"
    assert found[NAME] == found["thumbnails/ab/320.webp"] == "0640"


def test_every_process_closes_it(tmp_path):
    """It is done at Django's own start, which all commands have, not by one command."""
    old_release(tmp_path)

    run_site(tmp_path, "import django; django.setup()")

    assert modes(tmp_path)["gallery.sqlite3"] == "0600"


def test_group_gets_pictures_that_were_there_before_or_came_from_a_backup(data_dir, settings):
    if not IS_ROOT:
        pytest.skip("only root may give files to any group")
    old_release(data_dir)
    settings.MEDIA_GROUP = nobody().pw_gid

    files.make_private()

    pictures = [path for folder in files.FOLDERS for path in [data_dir / folder, *(data_dir / folder).rglob("*")]]
    assert {path.stat().st_gid for path in [data_dir, *pictures]} == {nobody().pw_gid}
    assert {(data_dir / name).stat().st_gid for name in ("spool", "gallery.sqlite3")} == {os.getegid()}
    assert mode(data_dir) == 0o710


def test_folder_that_is_right_is_not_gone_through_again(data_dir):
    files.save(NAME, b"x")
    (data_dir / NAME).chmod(0o600)

    files.make_private()

    assert mode(data_dir / NAME) == 0o600


def test_link_that_leads_out_changes_nothing_there(data_dir, tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"x")
    outside.chmod(0o644)
    (data_dir / "link").symlink_to(outside)

    files.make_private()

    assert mode(outside) == 0o644


def test_folder_that_all_share_is_left_alone(data_dir):
    data_dir.chmod(0o1777)
    (data_dir / "of-somebody").write_bytes(b"x")
    (data_dir / "of-somebody").chmod(0o644)

    files.make_private()

    assert (mode(data_dir), mode(data_dir / "of-somebody")) == (0o1777, 0o644)


def test_folder_that_is_gone_stops_nobody(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "nowhere"

    files.make_private()


def test_folder_of_somebody_else_is_told_by_the_check(data_dir):
    data_dir.chmod(0o755)
    assert [told.id for told in checks.data_folder_is_private()] == ["generations.W020"]

    data_dir.chmod(0o710)
    assert checks.data_folder_is_private() == []


def test_answer_that_is_set_aside_stays_private(data_dir):
    folder = data_dir / "spool"
    attempt = "01890000-0000-7000-8000-000000000001"
    files.write_whole(folder / f"{attempt}.answer", folder / f"{attempt}.part", b"x", durable=False)

    spool.set_aside(attempt)  # type: ignore[arg-type]

    assert modes(data_dir / "rejected") == {".": "0700", f"{attempt}.answer": "0600"}


def test_group_is_given_by_the_file_not_by_its_folder(data_dir, settings):
    if not IS_ROOT:
        pytest.skip("only root may give files to any group")
    settings.MEDIA_GROUP = nobody().pw_gid

    files.save(NAME, b"x")

    path = data_dir / NAME
    assert {found.stat().st_gid for found in (path, path.parent, path.parent.parent)} == {nobody().pw_gid}
    assert (mode(path), mode(path.parent)) == (private.PICTURE, private.PICTURE_FOLDER)
