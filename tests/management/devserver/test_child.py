"""Of what a child writes, every line goes to its log and only warnings and errors to the terminal."""

import os

import pytest

from generations.management.devserver import child
from generations.management.devserver.child import Child, Program
from tests.eventually import eventually


@pytest.fixture
def said():
    return []


@pytest.fixture
def write(said, tmp_path):
    """Run a child that writes this and ends."""

    def write(*pieces, log=tmp_path / "web.log", **options):
        script = "; sleep 0.05; ".join(f"printf '{piece}'" for piece in pieces)
        one = Child(Program("web", ["sh", "-c", script], os.environ, **options), log, said.append)
        eventually(one.has_ended)
        one.clean_up()
        return one

    return write


def test_only_warnings_and_what_continues_them_are_shown(said, write):
    write(r"greeting\n[INFO] fine\n[ERROR] bad\n  Traceback\n[INFO] fine again\n  more\n")

    assert said == ["     web | [ERROR] bad", "     web |   Traceback"]


def test_level_far_to_the_right_belongs_to_the_message(said, write):
    write("x" * 90 + r" ERROR\n")

    assert said == []


def test_line_in_pieces_is_one_line(said, write):
    write("[WARNING] one", " and tw", r"o\n[WARN")

    assert said == ["     web | [WARNING] one and two", "     web | [WARN"]


def test_last_line_without_a_newline_is_kept(write):
    assert list(write("CRITICAL the end").tail) == ["CRITICAL the end"]


def test_bytes_that_are_no_text_are_replaced(said, write):
    write(r"ERROR \377\n")

    assert said == ["     web | ERROR \N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize(("shown", "lines"), [(True, 2), (False, 0), (None, 1)])
def test_program_decides_over_the_level(said, write, shown, lines):
    write(r"INFO a\nERROR b\n", shown=shown)

    assert len(said) == lines


def test_log_is_put_aside_when_it_is_long(write, tmp_path, monkeypatch):
    monkeypatch.setattr(child, "MAX_LOG_BYTES", 10)

    write(r"first line\nsecond\n")

    assert (tmp_path / "web.log.1").read_text() == "first line\n"
    assert (tmp_path / "web.log").read_text() == "second\n"


def test_log_that_cannot_be_written_costs_nothing_else(said, write, tmp_path):
    write(r"ERROR bad\n", log=tmp_path / "no folder" / "web.log")

    assert said == ["     web | ERROR bad"]


def test_process_that_left_the_group_holds_nothing_up(said, tmp_path, monkeypatch):
    monkeypatch.setattr(child, "LAST_OUTPUT_SECONDS", 0.1)
    one = Child(Program("web", ["sh", "-c", "setsid sleep 3 & echo ERROR bad"], os.environ), tmp_path / "web.log",
                said.append)  # fmt: skip
    eventually(one.has_ended)

    one.clean_up()

    assert said == ["     web | ERROR bad"]
    one._reader.join()
