"""System programs that some tests need, found by name."""

import os
import shutil

import pytest

# Names of the program, and its Debian package.
PROGRAMS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"), "chromium"),
    "exiftool": (("exiftool",), "libimage-exiftool-perl"),
    "nginx": (("nginx",), "nginx"),
    "openssl": (("openssl",), "openssl"),
    "systemd": (("systemd-analyze",), "systemd"),
    "unzip": (("unzip",), "unzip"),
}


def find(program: str) -> str | None:
    """Return the path of a program, or None.

    A variable with its name in capitals (`CHROMIUM=…`) takes precedence over the PATH.
    """
    names, _ = PROGRAMS[program]
    named = os.environ.get(program.upper())
    return next(filter(None, map(shutil.which, [named] if named else names)), None)


def missing() -> list[str]:
    return [program for program in PROGRAMS if not find(program)]


def sentence(program: str) -> str:
    return f"{program} is not installed here (Debian's package {PROGRAMS[program][1]}; or {program.upper()}=PATH)"


def need(program: str) -> str:
    """Return the path of a program, or skip the test; under REQUIRE_ALL a skipped test fails."""
    path = find(program)
    if path is None:
        pytest.skip(sentence(program))
    return path
