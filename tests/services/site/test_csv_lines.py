"""Cells of CSV files: no spreadsheet evaluates what a user wrote."""

import pytest

from generations.services.site.csv_lines import csv_cell


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\0=1", "=HYPERLINK(\"http://x\")"]
)  # fmt: skip
def test_no_cell_is_a_formula(value):
    assert csv_cell(value) == f"'{value}"


def test_plain_cells_stay_as_they_are():
    assert [csv_cell(value) for value in ("a - b", 0.5, 12, "")] == ["a - b", "0.5", "12", ""]
