"""The documentation agrees with the code: every variable is described, and none that is not read."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONFIGURATION = ROOT / "docs" / "configuration.md"
README_LINES = 120
MAX_SCREENSHOTS = 12


def read_variables():
    """Return the names that settings.py passes to a reader of env.py, and the one that is read before the settings."""
    tree = ast.parse((ROOT / "hidream_site" / "settings.py").read_text(encoding="utf-8"))
    called = [(node, node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    readers = [node for node, by in called if isinstance(by, ast.Attribute) and ast.unparse(by.value) == "env"]
    before = re.findall(r'env\.get\("(\w+)"\)', (ROOT / "hidream_site" / "env_file.py").read_text(encoding="utf-8"))
    return {*before, *(ast.literal_eval(call.args[0]) for call in readers)}


def described_variables():
    """Return each `NAME` at the start of a heading, a list item or a table's row."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\s*(#+|[-*]|\|)\s*`", line)]
    names = (re.findall(r"`([A-Z][A-Z0-9_]{3,})`", line.split("|")[1] if "|" in line else line) for line in lines)
    return {name for line in names for name in line}


def test_every_variable_that_is_read_is_described():
    assert read_variables() - described_variables() == set()


def test_every_variable_that_is_described_is_read():
    assert described_variables() - read_variables() == set()


def test_reader_of_settings_finds_its_variables():
    assert {"DATA_DIR", "DATABASE_URL", "SEGMIND_API_KEY", "DJANGO_DEBUG", "ENV_FILE"} <= read_variables()


def test_environment_is_read_nowhere_else():
    """The code that starts child processes passes the environment on; no other code reads it."""
    sources = [path for folder in ("generations", "hidream_site") for path in (ROOT / folder).rglob("*.py")]
    readers = {
        str(path.relative_to(ROOT))
        for path in sources
        if re.search(r"os\.environ(\[|\.get)|os\.getenv", path.read_text(encoding="utf-8"))
    }

    assert readers - {"hidream_site/env.py", "hidream_site/env_file.py"} == {
        "generations/management/devserver/programs.py"
    }


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize(
    "text", sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]), ids=lambda path: path.name
)
def test_link_inside_the_documentation_leads_somewhere(text):
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text.read_text(encoding="utf-8"))

    assert [link for link in links if not (text.parent / link).exists()] == []


def test_screenshots_are_few_and_each_is_shown():
    there = {path.name for path in (ROOT / "docs" / "screenshots").iterdir()}
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {name for page in pages for name in re.findall(r"screenshots/([\w.-]+\.webp)\)", page.read_text("utf-8"))}

    assert there == shown
    assert len(there) <= MAX_SCREENSHOTS


def test_files_that_the_docs_name_are_there():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    folders = ("generations", "hidream_site", "templates", "static", "tests", "docs", "deploy")
    files = ["/" + str(path.relative_to(ROOT)) for one in folders for path in (ROOT / one).rglob("*.*")]
    files += ["/" + path.name for path in ROOT.iterdir()]
    named = {name for page in pages for name in re.findall(r"[\w/.-]+\.(?:py|html|css|js)\b", page.read_text("utf-8"))}

    assert {name for name in named if not any(path.endswith("/" + name.removeprefix("/")) for path in files)} == set()
