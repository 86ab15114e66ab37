"""`make secret-scan`: everything runs with a unique key, and then every place is searched for it."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos.options import KEY_VARIABLE
from tests.secret_scan import sources
from tests.secret_scan.place import Place, fresh_key, kept
from tests.secret_scan.site import site
from tests.secret_scan.suite import REMOVED, suite
from tests.secret_scan.table import sentences, table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "secret-scan"
CHAOS = ["DB=pg", "N=200"]


def main(words: list[str]) -> int:
    options = _options().parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    key, folder = fresh_key(), FOLDER / time.strftime("%m%d-%H%M%S")
    folder.mkdir(parents=True)
    print(f"A fresh key, in {folder.relative_to(ROOT)}.", flush=True)
    complaints: list[str] = []
    places: list[Place] = []
    if not options.without_site:
        _say("a site with every page, and every answer that can hold the key")
        wrong, found = site(key, folder / "site")
        complaints, places = [*complaints, *wrong], [*places, *found]
    if not options.without_chaos:
        _say("chaos")
        wrong, found = _chaos(key, folder / "chaos", options.chaos.split() or CHAOS)
        complaints, places = [*complaints, *wrong], [*places, *found]
    if not options.without_suite:
        _say("the test suite")
        code, found = suite(key, folder / "suite", options.suite_args.split())
        complaints += [f"suite: pytest ended with {code}; suite/said/output says why."] if code else []
        complaints += [] if (folder / "suite" / REMOVED).exists() else ["suite: it left no report of removed folders."]
        places += found
    if not places:
        print("Everything was left out, so nothing was searched.", file=sys.stderr)
        return 2
    print(table(places))
    for line in (complaints := [*complaints, *sentences(places)]):
        print(line)
    return 1 if complaints else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make secret-scan", description=__doc__)
    for part in ("site", "chaos", "suite"):
        parser.add_argument(f"--without-{part}", action="store_true", help=f"leave the {part} out")
    parser.add_argument("--chaos", default="", help=f'words for `make chaos`, by default "{" ".join(CHAOS)}"')
    parser.add_argument("--suite-args", default="", help="words for pytest, by default none: all tests")
    return parser


def _chaos(key: str, folder: Path, words: list[str]) -> tuple[list[str], list[Place]]:
    """Run chaos, whose process searches what it removes; its remaining files are searched here."""
    folder.mkdir()
    environment = {**os.environ, KEY_VARIABLE: key, "CHAOS_FOLDER": str(folder)}
    lines, left = Place("chaos: command lines", "processes", key), Place("chaos: output, books", "files", key)
    with sources.CommandLines(lines), (folder / "output").open("wb") as output:
        command = [sys.executable, "-m", "tests.chaos", *words]
        code = subprocess.run(command, env=environment, cwd=ROOT, stdout=output, stderr=output, check=False).returncode
    sources.files(left, [folder])
    wrong = [f"chaos: it ended with {code}; chaos/output says why."] if code else []
    runs = [place for report in sorted(folder.rglob("secret-scan.json")) for place in kept(report, key)]
    if not runs:
        wrong.append("chaos: it left no report of what it searched.")
    return wrong, [left, *(named(place) for place in runs if place.name != "command lines"), lines]


def named(place: Place) -> Place:
    place.name = f"chaos: {place.name}"
    return place


def _say(what: str) -> None:
    print(f"Running {what} ...", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
