"""Paid answers between the socket and the database."""

import os
import resource
import time
import uuid
from decimal import Decimal

import pytest

from generations.providers.base import Answer
from generations.storage import spool
from tests.faults.together import together

ID = uuid.UUID("01900000-0000-7000-8000-000000000001")
OTHER = uuid.UUID("01900000-0000-7000-8000-000000000002")
ANSWER = Answer(
    body=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100 + b"\n\n",
    content_type="image/png",
    cost=Decimal("0.01520"),
    remaining_credits=Decimal("24.9848000000"),
    request_id="5f2c",
    generation_seconds=Decimal("10.13"),
    seed=4711,
)
BARE = Answer(b"", "", None, None, "", None, None)


@pytest.fixture
def folder(data_dir):
    path = data_dir / "spool"
    path.mkdir()
    return path


@pytest.mark.parametrize("answer", [ANSWER, BARE], ids=["full", "bare"])
def test_answer_comes_back_as_it_was(answer):
    spool.write(ID, answer)

    assert spool.read(ID) == answer
    assert list(spool.waiting()) == [ID]


def test_answer_of_nobody_is_none():
    assert spool.read(ID) is None
    assert list(spool.waiting()) == []
    spool.salvage()


def test_removed_answer_is_gone(data_dir):
    spool.write(ID, ANSWER)

    spool.remove(ID)
    spool.remove(ID)

    assert spool.read(ID) is None
    assert list((data_dir / "spool").iterdir()) == []


def test_answer_set_aside_is_kept_out_of_the_way(data_dir):
    spool.write(ID, ANSWER)

    spool.set_aside(ID)
    spool.set_aside(ID)

    assert list(spool.waiting()) == []
    assert (data_dir / "rejected" / f"{ID}.answer").read_bytes().endswith(ANSWER.body)


def test_rejected_answer_is_removed_by_name(data_dir):
    spool.write(ID, ANSWER)
    spool.set_aside(ID)

    spool.remove_rejected(ID)
    spool.remove_rejected(ID)

    assert list((data_dir / "rejected").iterdir()) == []


def test_oldest_answer_waits_in_front():
    spool.write(OTHER, ANSWER)
    spool.write(ID, ANSWER)

    assert list(spool.waiting()) == [ID, OTHER]


@pytest.mark.parametrize("part", [0, 1, 40, -1])
def test_answer_that_was_cut_is_none(folder, part):
    spool.write(ID, ANSWER)
    path = folder / f"{ID}.answer"
    path.write_bytes(path.read_bytes()[:part])

    assert spool.read(ID) is None


def test_answer_with_a_flipped_bit_is_none(folder):
    spool.write(ID, ANSWER)
    path = folder / f"{ID}.answer"
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)

    assert spool.read(ID) is None


@pytest.mark.parametrize("text", ["{}", "[]", "7", '"x"', '{"length": 0}', "\0" * 100, '{"length": "1", "sha256": 2}'])
def test_file_that_is_no_answer_is_none(folder, text):
    (folder / f"{ID}.answer").write_text(text + "\n")

    assert spool.read(ID) is None


def test_part_file_that_is_whole_is_named(folder):
    write_part(folder, whole=True, age=61)

    spool.salvage()

    assert spool.read(ID) == ANSWER
    assert [path.name for path in folder.iterdir()] == [f"{ID}.answer"]


def test_part_file_of_any_writer_is_named(folder):
    part = write_part(folder, whole=True, age=61)
    part.rename(folder / f"{ID}.answer.0a1b2c3d.part")

    spool.salvage()

    assert spool.read(ID) == ANSWER
    assert [path.name for path in folder.iterdir()] == [f"{ID}.answer"]


def test_writers_of_one_answer_do_not_meet(folder):
    assert together(*[lambda: [spool.write(ID, ANSWER) for _ in range(50)]] * 4) == [[None] * 50] * 4
    assert spool.read(ID) == ANSWER
    assert [path.name for path in folder.iterdir()] == [f"{ID}.answer"]


def test_part_file_that_is_half_written_is_dropped(folder):
    write_part(folder, whole=False, age=61)

    spool.salvage()

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("whole", [True, False])
def test_part_file_that_is_young_belongs_to_its_writer(folder, whole):
    part = write_part(folder, whole=whole, age=50)

    spool.salvage()

    assert list(folder.iterdir()) == [part]


def test_disk_that_is_full_is_said_and_leaves_nothing(folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            spool.write(ID, ANSWER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(folder.iterdir()) == []


def write_part(folder, *, whole, age):
    spool.write(ID, ANSWER)
    named = folder / f"{ID}.answer"
    part = named.rename(f"{named}.part")
    if not whole:
        part.write_bytes(part.read_bytes()[:-1])
    moment = time.time() - age
    os.utime(part, (moment, moment))
    return part
