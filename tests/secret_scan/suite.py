"""The test suite with the key; its files are kept, or searched before they are removed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.key import VARIABLE
from tests.secret_scan import sources
from tests.secret_scan.before_removal import REPORT
from tests.secret_scan.place import Place, kept

ROOT = Path(__file__).parents[2]
PLUGIN = "tests.secret_scan.before_removal"
REMOVED = "removed.json"
# Before the site sets its own variables in this process.
INHERITED = dict(os.environ)
FLAGS = ["-p", "no:cacheprovider", "--reuse-db", "-o", "tmp_path_retention_policy=all"]


def suite(key: str, folder: Path, words: list[str]) -> tuple[int, list[Place]]:
    """Return the exit code of pytest and the searched places."""
    said, files, data = folder / "said", folder / "files", folder / "data"
    for made in (said, files, data):
        made.mkdir(parents=True)
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN, *FLAGS, f"--basetemp={files / 'tests'}"]
    # -rA, because the captured output of passing tests is printed only with it.
    command += [f"--log-file={said / 'log'}", "-rA", *words]
    environment = {
        **INHERITED,
        VARIABLE: key,
        REPORT: str(folder / REMOVED),
        "HIDREAM_TEST_DATA": str(data),
    }
    lines = Place("suite: command lines", "processes", key)
    with sources.CommandLines(lines), (said / "output").open("wb") as output:
        code = subprocess.run(command, env=environment, cwd=ROOT, stdout=output, stderr=output, check=False).returncode
    written = Place("suite: output, captures, log", "files", key)
    sources.files(written, [said])
    stayed = Place("suite: data and temp folders", "files", key)
    sources.files(stayed, [files, data])
    return code, [written, stayed, *kept(folder / REMOVED, key), lines]
