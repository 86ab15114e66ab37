"""A pytest plugin that searches folders before the suite removes them, and writes the hits to SECRET_SCAN_REPORT."""

import functools
import os
import shutil
from pathlib import Path

from tests.key import KEY
from tests.secret_scan import sources
from tests.secret_scan.place import Place, write

REPORT = "SECRET_SCAN_REPORT"
removed = Place("suite: folders that went", "files", KEY)
remove = shutil.rmtree


@functools.wraps(remove)
def search_and_remove(path, *args, **options):
    """Search a folder before it is removed, because data folders and servers of tests do not outlive the run."""
    if isinstance(path, str | os.PathLike):
        sources.files(removed, [Path(os.fspath(path))])
    return remove(path, *args, **options)


def pytest_configure():
    shutil.rmtree = search_and_remove  # type: ignore[assignment]


def pytest_unconfigure():
    shutil.rmtree = remove
    write(Path(os.environ[REPORT]), [removed])
