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
# allauth promises nothing about these, so its version is pinned to the patch. Read them before another one is locked.
INTERNAL = {
    "allauth.mfa.recovery_codes.internal.auth.RecoveryCodes",
    "allauth.mfa.totp.internal.auth.TOTP",
    "allauth.mfa.totp.internal.auth.format_hotp_value",
    "allauth.mfa.totp.internal.auth.generate_totp_secret",
    "allauth.mfa.totp.internal.auth.hotp_value",
    "allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time",
    "allauth.mfa.webauthn.internal.auth",
    "allauth.mfa.webauthn.internal.auth.WebAuthn",
}
OURS = {"generations", "hidream_site", "tests", "manage"}
STANDARD = set(sys.stdlib_module_names) | {"_typeshed"}  # the latter is known to type checkers only


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


def internal_imports(*folders: Path) -> set[str]:
    """Return what files in these folders import from allauth's packages `internal`, by its dotted name."""
    found = set()
    for _, source in sources(*folders):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
                found |= {f"{module}{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("allauth.") and "internal" in name.split(".")}


def undeclared(folders: list[Path], known: set[str]) -> set[str]:
    """Return the distributions that files in these folders import and `known` lacks."""
    distributions = packages_distributions()
    found = set()
    for _, source in sources(*folders):
        for name in set(top_level_imports(source)) - OURS - STANDARD:
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


def test_what_is_imported_from_inside_allauth_is_known():
    assert internal_imports(ROOT / "generations", ROOT / "hidream_site", ROOT / "tests") == INTERNAL


def test_allauth_is_pinned_to_the_version_that_is_locked():
    pinned = next(line for line in PROJECT["dependencies"] if normal(line) == "django-allauth").partition("==")[2]

    for path in (ROOT / "requirements").glob("*.txt"):
        assert f"django-allauth=={pinned} " in path.read_text(encoding="utf-8")


def test_new_internal_import_is_seen(tmp_path):
    text = "from allauth.socialaccount.internal import jwtkit\nfrom allauth.mfa.models import Authenticator\n"
    (tmp_path / "x.py").write_text(text, encoding="utf-8")

    assert internal_imports(tmp_path) == {"allauth.socialaccount.internal.jwtkit"}
