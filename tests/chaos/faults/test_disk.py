"""A full disk, by either method: a writer in another process fails, and later succeeds."""

import os
import subprocess
import sys

import pytest

from tests.chaos.faults.disk import disk

WRITER = """
import pathlib, sys
for name in sys.stdin:
    try:
        pathlib.Path(name.strip()).write_bytes(bytes(200_000))
        print("written", flush=True)
    except OSError as error:
        print("refused", flush=True)
"""


@pytest.fixture
def write():
    writer = subprocess.Popen([sys.executable, "-c", WRITER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def write(path):
        writer.stdin.write(f"{path}\n")
        writer.stdin.flush()
        return writer.stdout.readline().strip()

    write.pid = writer.pid  # type: ignore[attr-defined]
    yield write
    writer.communicate()


@pytest.mark.parametrize("user", [0, 1000], ids=["as root", "as anybody"])
def test_full_disk_refuses_and_takes_again_when_there_is_room(user, write, tmp_path, monkeypatch):
    """File sizes are limited for users other than root, and where root may not mount."""
    monkeypatch.setattr(os, "geteuid", lambda: user)
    folder = tmp_path / "data"
    with disk(folder) as found:
        if found.fill is None or found.empty is None:
            pytest.skip(found.sentence)
        before = write(folder / "before")
        found.fill([write.pid])
        full = write(folder / "full")
        found.empty([write.pid])

        assert (before, full, write(folder / "after")) == ("written", "refused", "written")


def test_tmpfs_is_gone_afterwards(tmp_path):
    with disk(tmp_path / "data"):
        (tmp_path / "data" / "file").write_text("x")

    assert not os.path.ismount(tmp_path / "data")
