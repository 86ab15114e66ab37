"""One word for one thing: in the glossary, and among the app's classes."""

import ast
import re
from collections import Counter

from tests.architecture import PAGE
from tests.test_architecture import ROOT, sources

GLOSSARY = PAGE.parent / "glossary.md"
# Django looks for these names.
DJANGOS = {"Command", "Meta", "Migration"}


def twice(names: list[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def terms(text: str) -> list[str]:
    """Return the terms that a glossary defines: in bold, before a dash, several between commas."""
    defined = re.findall(r"((?:\*\*[^*]+\*\*(?: \(`\w+`\))?(?:, )?)+) — ", text)
    return [term.strip().lower() for found in defined for bold in re.findall(r"\*\*([^*]+)\*\*", found)
            for term in bold.split(",")]  # fmt: skip


def public_classes() -> list[str]:
    found = []
    for path, source in sources(ROOT / "generations"):
        if "migrations" not in path.parts:
            found += [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return [name for name in found if not name.startswith("_") and name not in DJANGOS]


def test_no_term_is_defined_twice():
    found = terms(GLOSSARY.read_text(encoding="utf-8"))

    assert len(found) > 30
    assert twice(found) == []


def test_no_two_public_classes_share_a_name():
    assert twice(public_classes()) == []


def test_repeated_term_is_seen():
    assert twice(terms("**Claim, lease** — one.\n\n**Lease** — another.\n**A**, **B** (`c`) — two.")) == ["lease"]
