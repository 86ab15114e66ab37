"""Files are written whole or not at all, and only inside the folder."""

import os
import resource
import threading
import time
from pathlib import Path

import pytest

from generations.storage import files

MEGABYTE = 1024 * 1024
NAME = "originals/ab/one.png"
OUTSIDE = ["../outside.png", "/etc/passwd", "originals/../../outside.png", "..", "originals/link/passwd"]
NO_PICTURES = ["gallery.sqlite3", "spool/one.answer", "rejected/one.answer", "originals", "originals/../spool/x", ""]


@pytest.fixture
def small_files():
    """Limit files to a megabyte, so that a write fails after its first part, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("durable", [True, False])
def test_saved_bytes_come_back(durable):
    files.save(NAME, b"bytes", durable=durable)

    assert files.path_of(NAME).read_bytes() == files.read(NAME) == b"bytes"


def test_saving_again_replaces(data_dir):
    files.save(NAME, b"a longer first version")
    files.save(NAME, b"second")

    assert files.read(NAME) == b"second"
    assert [path.relative_to(data_dir) for path in data_dir.rglob("*.*")] == [Path(NAME)]


def test_missing_file_is_a_file_not_found():
    with pytest.raises(FileNotFoundError):
        files.read(NAME)


def test_deleting_twice_is_harmless():
    files.save(NAME, b"bytes")

    files.delete(NAME)
    files.delete(NAME)

    assert not files.path_of(NAME).exists()


@pytest.mark.parametrize("name", [*OUTSIDE, *NO_PICTURES])
def test_name_that_leads_out_is_refused(name, data_dir):
    (data_dir / "originals").mkdir()
    (data_dir / "originals" / "link").symlink_to("/etc")

    for act in (files.read, files.path_of, files.delete, lambda outside: files.save(outside, b"x")):
        with pytest.raises(ValueError, match="leads out"):
            act(name)
    assert not (data_dir.parent / "outside.png").exists()


@pytest.mark.parametrize("folder", ["originals", "thumbnails"])
def test_picture_may_lie_in_either_folder(folder, data_dir):
    files.save(f"{folder}/ab/one.png", b"bytes")

    assert (data_dir / folder / "ab" / "one.png").read_bytes() == b"bytes"


@pytest.mark.parametrize(
    ("size", "name", "whole"),
    [(5, NAME, True), (4, NAME, False), (6, NAME, False), (5, "originals/ab/two.png", False), (5, "../x.png", False)],
)
def test_file_is_whole_when_it_has_the_size_that_was_noted(size, name, whole):
    files.save(NAME, b"bytes")

    assert files.is_whole(name, size) == whole


def test_part_file_of_a_dead_writer_goes_after_a_day(data_dir):
    files.save(NAME, b"bytes")
    old = part_file(data_dir, "originals/ab/one.png.12345678.part", hours=25)
    young = part_file(data_dir, "thumbnails/cd/two.webp.12345678.part", hours=23)

    assert files.sweep_parts() == 1
    assert (old.exists(), young.exists(), files.read(NAME)) == (False, True, b"bytes")


def test_folders_that_are_not_there_yet_hold_no_parts():
    assert files.sweep_parts() == 0


def test_disk_that_is_full_leaves_nothing_behind(data_dir, small_files):
    with pytest.raises(OSError, match="File too large"):
        files.save("originals/one.png", bytes(2 * MEGABYTE))

    assert [path for path in data_dir.rglob("*") if path.is_file()] == []


def test_disk_that_is_full_keeps_the_earlier_version(data_dir, small_files):
    files.save(NAME, b"earlier")

    with pytest.raises(OSError, match="File too large"):
        files.save(NAME, bytes(2 * MEGABYTE))

    assert files.read(NAME) == b"earlier"
    assert [path.relative_to(data_dir) for path in data_dir.rglob("*.*")] == [Path(NAME)]


def test_two_writers_of_one_name_never_mix_and_never_fail(data_dir):
    """A worker and the sweeper may store the same picture at the same moment."""
    versions = [bytes([number]) * MEGABYTE for number in range(4)]
    files.save(NAME, versions[0])
    failures, torn = [], []

    def write(version):
        try:
            for _ in range(15):
                files.save(NAME, version, durable=False)
                seen = files.read(NAME)
                torn.extend([len(seen)] if len(seen) != MEGABYTE or len(set(seen)) != 1 else [])
        except OSError as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=[version]) for version in versions]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert (failures, torn) == ([], [])
    assert [path.relative_to(data_dir) for path in data_dir.rglob("*.*")] == [Path(NAME)]


def part_file(data_dir, name, *, hours):
    path = data_dir / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))
    return path
