"""Threat S10: no cell of a CSV is a formula for a spreadsheet, whatever users have typed."""

import csv
import io
import re
import zipfile

import pytest

from generations.models import Generation
from generations.services.gallery import tags
from generations.services.generations.archives import COLUMNS, zip_archive

pytestmark = pytest.mark.django_db
PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", '=HYPERLINK("http://evil.example")',
    "  =cmd|' /C calc'!A0",
    "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "\u00a0=1", "\ufeff=1+1", "\u200b=1+1", "a\n=1+1", '"=1+1',
    "';=1+1",
]  # fmt: skip
NUMBERS = {"seed", "width", "height", "cost_usd"}
TYPED = {"made_by", "prompt", "model", "tags"}


def is_formula(cell):
    """Return whether spreadsheets read a formula; they ignore blanks and marks without width."""
    bare = re.sub(r"^[\s\x00\ufeff\u200b-\u200f\u2060]+", "", cell)
    return bare[:1] in {"=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"} or cell[:1] in {"\t", "\r", "\n"}


def plant(payload, alice, row):
    """Set the payload in every field that users type, and in columns that only the site writes."""
    alice.name = payload
    alice.save()
    Generation.objects.filter(id=row.id).update(
        prompt=payload, model=payload, author=alice, parameters={payload: payload}
    )
    row.taggings.all().delete()
    tags.add(actor=alice, team=row.team, words=[payload.strip().lower()], generations=[row])


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_s10_no_cell_is_a_formula(alice, picture, payload):
    plant(payload, alice, picture)

    stream = io.BytesIO(b"".join(zip_archive(actor=alice, ids=[picture.id])))
    text = zipfile.ZipFile(stream).read("metadata.csv").decode("utf-8-sig")
    header, line = csv.reader(io.StringIO(text, newline=""))

    cells = dict(zip(header, line, strict=True))
    assert header == COLUMNS
    assert [name for name, cell in cells.items() if is_formula(cell)] == []
    assert all(payload.strip().lower() in cells[name].lower() for name in TYPED)
    assert [name for name in NUMBERS if not re.fullmatch(r"[0-9.]+", cells[name])] == []
