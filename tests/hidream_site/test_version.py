"""The version is told to who reports a fault, and to who watches the site (views/site/test_metrics.py)."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hidream_site.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("word", ["version", "--version"])
def test_command_line_tells_the_version_of_the_site(word):
    said = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), word], capture_output=True, text=True, check=True
    ).stdout

    assert said.startswith(f"HiDream Gallery {VERSION}, Django ")


@pytest.mark.django_db
def test_account_menu_tells_the_version(as_, alice):
    assert f"HiDream Gallery {VERSION}</p>" in as_(alice).get("/accounts/").content.decode()


def test_package_has_the_same_version():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION
