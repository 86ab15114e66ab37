"""Nothing says of a text that it is safe but what this list names, with its reason."""

import re
from pathlib import Path

MARKED = re.compile(r"mark_safe|SafeString|\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off|csrf_exempt")
WRITTEN = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
PLACES = {"generations": MARKED, "hidream_site": MARKED, "templates": MARKED, "static/js": WRITTEN}
LETTERS = (
    "approval_requested",
    "approval_decided",
    "digest",
    "invitation",
    "limit",
    "new_email",
    "old_email",
    "password_reset",
    "spending_report",
    "two_factor",
)
NAMED = {
    # Letters are plain text, which has nothing to escape.
    **{f"templates/mail/{name}.txt": {"autoescape off"} for name in LETTERS},
    # Django's own sentences about passwords, a list in HTML; they quote nobody.
    "templates/site/_input.html": {"|safe"},
    # The docs of this site, by a renderer that escapes HTML in them (tests/views/help/test_help.py).
    "generations/views/help/documents.py": {"mark_safe", "SafeString"},
    # What Django's own format_html_join made.
    "generations/views/help/search.py": {"SafeString"},
}


def test_texts_are_escaped_wherever_nobody_has_a_reason_against_it():
    found = {}
    for folder, suspects in PLACES.items():
        for path in sorted(Path(folder).rglob("*.*")):
            words = set(suspects.findall(path.read_text())) if path.suffix in {".py", ".html", ".txt", ".js"} else set()
            if words:
                found[str(path)] = words

    assert found == NAMED
