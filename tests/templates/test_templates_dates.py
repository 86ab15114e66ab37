"""Dates have one format: generations/views/site/formatting.py makes the text, hidream_site/formats has the formats."""

import re

import pytest

from hidream_site.settings import BASE_DIR

TEMPLATES, VIEWS = BASE_DIR / "templates", BASE_DIR / "generations" / "views"
FILTER = r"\|\s*(?:date|time|timesince|timeuntil|naturaltime|naturalday)\b"
ANY, OWN = re.compile(FILTER), re.compile(FILTER + r"""(?!:"(?:[A-Z_]+_FORMAT|e)")""")
# An email has no view, and the sheets about money are printed: they use the filter with the name of a format.
WITH_NAMED = {"mail", "spending"}
BY_HAND = re.compile(r"""\.strftime\(|pgettext\(\s*"(?:date|time) format""")
# The months of the timeline, which are narrower than any date.
OTHER_FORMATS = ["gallery/timeline.py", "site/formatting.py"]


@pytest.mark.parametrize("text", ['|date:"Y-m-d"', '|date:"c"', "|date", '|time:"H:i"', "|timesince", "| date:'j F'"])
def test_format_of_its_own_is_found(text):
    assert OWN.search(f"{{{{ one.at{text} }}}}")


def test_no_template_formats_a_date():
    found = []
    for path in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")]):
        folder = path.relative_to(TEMPLATES).parts[0]
        if folder != "admin" and (OWN if folder in WITH_NAMED else ANY).search(path.read_text()):
            found.append(path.relative_to(TEMPLATES).as_posix())

    assert found == []


def test_no_view_but_those_about_money_has_a_format_of_its_own():
    paths = [path for path in VIEWS.rglob("*.py") if "spending" not in path.parts]

    assert [path.relative_to(VIEWS).as_posix() for path in sorted(paths) if BY_HAND.search(path.read_text())] == (
        OTHER_FORMATS
    )
