"""What is imported is declared in pyproject.toml, not only installed because something else needs it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.test_architecture import ROOT, sources

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"generations", "hidream_site", "tests", "manage"}


def normal(name: str) -> str:
    """Return a distribution's name as PyPI compares it, without extras and versions."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def declared(*extras: str) -> set[str]:
    lines = PROJECT["dependencies"] + [line for one in extras for line in PROJECT["optional-dependencies"][one]]
    return {normal(line) for line in lines}


def top_level_imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def undeclared(folders: list[Path], known: set[str]) -> set[str]:
    """Return the distributions that files in these folders import and `known` lacks."""
    distributions = packages_distributions()
    found = set()
    for _, source in sources(*folders):
        for name in set(top_level_imports(source)) - OURS - set(sys.stdlib_module_names):
            names = {normal(one) for one in distributions.get(name, [name])}
            if not names & known:
                found |= names
    return found


def test_site_imports_only_what_it_declares():
    folders = [ROOT / "generations", ROOT / "hidream_site"]

    assert undeclared(folders, declared("postgres", "c2pa")) == set()


def test_tests_import_only_what_they_declare():
    assert undeclared([ROOT / "tests"], declared("postgres", "c2pa", "dev")) == set()


def test_import_that_is_not_declared_is_seen(tmp_path):
    (tmp_path / "x.py").write_text("import requests\nfrom urllib3.util import Retry\nimport os\n", encoding="utf-8")

    assert undeclared([tmp_path], {"requests"}) == {"urllib3"}
