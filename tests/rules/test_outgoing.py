"""House rule: one module speaks HTTP to the outside, so that every call has a deadline, a cap and a record."""

import ast
from pathlib import Path

GENERATIONS = Path(__file__).parents[2] / "generations"
ALLOWED = {
    GENERATIONS / "providers" / "transport.py",
    GENERATIONS / "management" / "commands" / "run.py",  # asks the site that it has just started, on this machine
}
CLIENTS = ("requests", "urllib3", "urllib.request", "http.client", "httpx", "aiohttp", "pycurl")


def imported(source: str) -> set[str]:
    """Every module name a source imports, `from a import b` as `a.b`."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_ = {
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return plain | from_


def clients(source: str) -> list[str]:
    return sorted(name for name in imported(source) if any(f"{name}.".startswith(f"{client}.") for client in CLIENTS))


def test_only_the_transport_imports_an_http_client():
    offenders = {
        str(path.relative_to(GENERATIONS)): found
        for path in GENERATIONS.rglob("*.py")
        if path not in ALLOWED and (found := clients(path.read_text(encoding="utf-8")))
    }

    assert offenders == {}


def test_rule_sees_every_way_to_import_a_client():
    source = (
        "import requests\nfrom urllib import request, parse\nfrom requests.adapters import HTTPAdapter\nimport http"
    )

    assert clients(source) == ["requests", "requests.adapters.HTTPAdapter", "urllib.request"]
