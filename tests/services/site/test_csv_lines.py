"""Cells of CSV files: no spreadsheet evaluates what a user wrote."""

from codecs import BOM_UTF8
from datetime import UTC, date, datetime

import pytest

from generations.services.site.csv_lines import csv_cell, csv_head, csv_line


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\0=1", "=HYPERLINK(\"http://x\")"]
)  # fmt: skip
def test_no_cell_is_a_formula(value):
    assert csv_cell(value) == f"'{value}"


def test_plain_cells_stay_as_they_are():
    assert [csv_cell(value) for value in ("a - b", 0.5, 12, "")] == ["a - b", "0.5", "12", ""]


def test_days_and_moments_have_their_iso_form():
    assert csv_cell(date(2026, 11, 30)) == "2026-11-30"
    assert csv_cell(datetime(2026, 11, 30, 9, 5, tzinfo=UTC)) == "2026-11-30T09:05:00+00:00"


def test_head_names_the_encoding_once():
    assert csv_head(["Größe", "名前"]) == BOM_UTF8 + csv_line(["Größe", "名前"])
