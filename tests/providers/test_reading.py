from datetime import UTC, datetime
from decimal import Decimal

import pytest

from generations.providers import reading


def test_numbers_of_a_document_stay_the_text_they_were_written_in():
    body = b'{"cost": 0.01521270973837209000, "seed": 7, "none": NaN, "far": 1e400, "yes": true, "no": null}'

    assert reading.document(body) == {
        "cost": "0.01521270973837209000", "seed": "7", "none": "NaN", "far": "1e400", "yes": True, "no": None,
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"no", b"{", b"[" * 60_000, b"7", b"\xff{", b'{"a": \xff}', b"9" * 10_000])
def test_body_without_a_document_holds_none(body):
    assert reading.document(body) is None


def test_document_of_more_structure_than_asked_for_is_none():
    body = b"[" + b"[]," * 60 + b"[]]"

    assert (reading.document(body, 100), reading.document(body, 200) is None) == (None, False)


@pytest.mark.parametrize("found", [None, True, [], "x", '"text"', "[1]", "{", "\ud800"])
def test_fields_of_anything_but_an_object_are_none(found):
    assert reading.fields(found) == {}


@pytest.mark.parametrize("found", [{"a": "1"}, '{"a": 1}', ' {"a": "1"} '])
def test_fields_may_be_packed_into_a_text(found):
    assert reading.fields(found) == {"a": "1"}


@pytest.mark.parametrize(
    ("found", "number"),
    [
        ("0.0152127097", "0.0152127097"),
        ("1E-05", "0.00001"),
        ("1000000", "1000000"),
        ("1000000.1", None),
        ("-1", None),
        ("1e5", None),
        ("0.1, 0.2", None),
        ("٣", None),
        ("", None),
        (None, None),
        (True, None),
        (0.1, None),
    ],
)
def test_amount_is_a_plain_number_within_bounds(found, number):
    assert reading.amount(found) == (number and Decimal(number))


@pytest.mark.parametrize(
    ("found", "usable"),
    [
        ("708b82f9bf47e90a83b501bc747faf6e", True),
        ("2c7f59ea-13f1-402c-9353-915a2b5a2124", True),
        ("gen_1.2", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("..", False),
        (".a", False),
        ("-a", False),
        ("a/b", False),
        ("a?b", False),
        ("a%2e", False),
        ("a b", False),
        ("é", False),
        ("", False),
        (None, False),
        (["a"], False),
    ],
)
def test_request_id_is_one_that_can_stand_in_an_address(found, usable):
    assert bool(reading.request_id(found)) is usable


@pytest.mark.parametrize(
    "written",
    ["2026-09-23 12:00:00", "2026-09-23T14:00:00+02:00", "Wed, 23 Sep 2026 12:00:00 GMT", "1790164800", "1790164800.0"],
)
def test_moment_is_read_in_every_spelling(written):
    assert reading.moment(written) == datetime(2026, 9, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "2026", "99999999999999", "2026-13-01 00:00:00", None, 1790164800])
def test_moment_that_is_none_is_left_open(written):
    assert reading.moment(written) is None


def test_media_type_is_short_and_without_parameters():
    assert reading.media_type(" Image/PNG; charset=binary") == "image/png"
    assert len(reading.media_type("x" * 500)) == 100
    assert reading.media_type(None) == ""
