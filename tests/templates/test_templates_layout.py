"""How templates, style sheets and scripts lie in their folders, and that one of them does not undo another."""

import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from hidream_site import static_files
from hidream_site.settings import BASE_DIR
from hidream_site.template_loader import without_layout

MAX_LINE = 160
MAX_FILES = 16
FOLDERS = [path for root in ("templates", "static") for path in (BASE_DIR / root).rglob("*") if path.is_dir()]
TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
RULE = re.compile(r"([^{};]+)\{")


def test_no_line_of_a_template_is_too_long():
    long = [
        f"{path.relative_to(BASE_DIR)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > MAX_LINE
    ]

    assert long == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(BASE_DIR)))
def test_no_folder_is_too_full(folder: Path):
    assert len([path for path in folder.iterdir() if path.is_file()]) <= MAX_FILES


def test_every_style_sheet_and_script_is_loaded_once():
    there = {str(path.relative_to(BASE_DIR / "static")) for path in (BASE_DIR / "static").rglob("*.*s")}
    of_every_page = (*static_files.STYLES, *static_files.SCRIPTS)
    loaded = Counter((*of_every_page, *(name for name in static_files.PUBLIC_SCRIPTS if name not in of_every_page)))

    # Those of the admin are loaded by its pages alone.
    rest = {name for name in there - set(loaded) if not name.startswith("js/admin/")}
    assert rest == {"css/admin.css"}, "add it to hidream_site/static_files.py"
    assert [name for name, count in loaded.items() if count > 1 or name not in there] == []


def test_no_class_has_rules_in_the_sheets_of_two_features():
    """All sheets are on every page: a class that two features define has the looks of whichever comes later."""
    homes = defaultdict(set)
    for feature in static_files.FEATURES:
        text = COMMENT.sub("", (BASE_DIR / f"static/css/{feature}.css").read_text())
        for selector in RULE.findall(text):
            for one in re.split(r",(?![^()]*\))", selector):
                if re.fullmatch(r"\.[\w-]+", one.strip()):
                    homes[one.strip()].add(feature)

    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ("{# why #}\n{% load x %}\n<p>\n</p>\n", "{% load x %}<p>\n</p>"),
        (
            '<a\n  href="x"\n  {% if y %}hidden{% endif %}\n>\n  text\n</a>',
            '<a href="x" {% if y %}hidden{% endif %}>\ntext </a>',
        ),
        ("some\n  words", "some words"),
        ("<br\n/>", "<br/>"),
        ("<textarea>\n{{ text }}</textarea>", "<textarea>\n{{ text }}</textarea>"),
        ("one line  as it is", "one line  as it is"),
    ],
)
def test_templates_are_sent_without_their_layout(source: str, sent: str):
    assert without_layout(source) == sent
