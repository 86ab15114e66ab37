"""Lines of CSV files, and the cells of text that a user wrote."""

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from datetime import date

# What a spreadsheet takes for a formula, also after blank or zero-width characters, or for more than one line. In East
# Asian locales the full-width forms of the signs count as well.
FORMULA = re.compile("[\\s\0\u200b-\u200f\u2060\ufeff]*[=+@\uff1d\uff0b\uff0d\uff20-]")
BREAKING = ("\t", "\r", "\n", "\0")


def csv_head(columns: Iterable[str], *, quote_all: bool = False) -> bytes:
    """Return the first line of a file for spreadsheets: Excel reads a file without the mark in an old code page."""
    return BOM_UTF8 + csv_line(columns, quote_all=quote_all)


def csv_line(cells: Iterable[object], *, quote_all: bool = False) -> bytes:
    """Return a line of a file; text of users has to be a `csv_cell`, amounts may begin with a minus."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerow(cells)
    return line.getvalue().encode()


def csv_cell(value: object) -> str:
    """Return the text so that no spreadsheet evaluates it as a formula; a day or a moment in its ISO form."""
    text = value.isoformat() if isinstance(value, date) else str(value)
    if FORMULA.match(text) or text.startswith(BREAKING):
        return f"'{text}"
    return text
