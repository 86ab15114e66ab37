import pytest

from generations.management.devserver import console
from generations.management.devserver.console import Console


@pytest.fixture
def said():
    return []


def listening(said, path, **options):
    return Console("web", path / "web.log", said.append, **options)


def test_only_warnings_and_what_continues_them_are_shown(said, tmp_path):
    child = listening(said, tmp_path)

    child.feed(b"greeting\n[INFO] fine\n[ERROR] bad\n  Traceback\n[INFO] fine again\n  more\n")

    assert said == ["     web | [ERROR] bad", "     web |   Traceback"]


def test_level_far_to_the_right_belongs_to_the_message(said, tmp_path):
    listening(said, tmp_path).feed(b"x" * 90 + b" ERROR\n")

    assert said == []


def test_line_in_pieces_is_one_line(said, tmp_path):
    child = listening(said, tmp_path)

    for piece in (b"[WARNING] one", b" and tw", b"o\n[WARN"):
        child.feed(piece)

    assert said == ["     web | [WARNING] one and two"]


def test_last_words_without_a_line_end_are_kept(said, tmp_path):
    child = listening(said, tmp_path)

    child.feed(b"CRITICAL the end")
    child.close()

    assert list(child.tail) == ["CRITICAL the end"]


@pytest.mark.parametrize(("wanted", "shown"), [(True, 2), (False, 0), (None, 1)])
def test_wanted_decides_over_the_level(said, tmp_path, wanted, shown):
    listening(said, tmp_path, wanted=wanted).feed(b"INFO a\nERROR b\n")

    assert len(said) == shown


def test_log_is_put_aside_when_it_is_long(said, tmp_path, monkeypatch):
    monkeypatch.setattr(console, "LOG_BYTES", 10)

    listening(said, tmp_path).feed(b"first line\nsecond\n")

    assert (tmp_path / "web.log.1").read_text() == "first line\n"
    assert (tmp_path / "web.log").read_text() == "second\n"


def test_log_that_cannot_be_written_costs_nothing_else(said, tmp_path):
    child = Console("web", tmp_path / "no folder" / "web.log", said.append)

    child.feed(b"ERROR bad\n")

    assert said == ["     web | ERROR bad"]
