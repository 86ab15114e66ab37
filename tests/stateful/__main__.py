"""`python -m tests.stateful`: play many stories and print what happened in them.

`make stateful` runs it, and `make mutation-test` runs it with `--mutants`: every deliberate design error must be found.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from importlib import import_module

import django
from django.core.management import call_command


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.stateful", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000, help="go on until so many steps were checked")
    parser.add_argument("--seed", type=int, default=0, help="of the first batch of stories")
    parser.add_argument("--versions", nargs="*", default=["v1", "v2"], help="of the provider's API")
    parser.add_argument("--mutants", nargs="*", help="plant design errors, all or those named, instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hidream-stateful-") as folder:
        os.environ["HIDREAM_TEST_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        logging.disable(logging.CRITICAL)
        # Imported here, because they import models.
        if options.mutants is not None:
            return int(import_module("tests.stateful.mutants").main(options.mutants))
        return _stories(options)


def _stories(options: argparse.Namespace) -> int:
    play = import_module("tests.stateful.play")
    for version in options.versions:
        began = time.monotonic()
        counts = play.until(version, options.steps // len(options.versions), options.seed)
        print(f"{version}: {counts['steps']:,} steps in {counts['stories']:,} stories, no invariant broken "
              f"({time.monotonic() - began:.0f} s)")  # fmt: skip
        outcomes = sum(1 for name in counts if name.startswith("outcome: "))
        for name, count in sorted(counts.items()):
            if not name.startswith("outcome: ") and name not in {"steps", "stories"}:
                print(f"  {name}: {count:,}")
        print(f"  different outcomes: {outcomes}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
