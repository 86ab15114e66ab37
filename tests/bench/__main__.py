"""`make bench`: measure on this machine and print one table.

Ratios within one run are comparable between machines, milliseconds are not. Everything runs on loopback, is bounded in
number, and is ended by its pid.
"""

import argparse
import os
import sys
import tempfile
from importlib import import_module

import django
from django.core.management import call_command

MEASURES = ("overhead", "inflight", "queue", "gallery", "ledger", "review", "admin")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "measures", nargs="*", default=MEASURES, help=f"of {', '.join(MEASURES)}; all when none is named"
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="pictures in the large gallery")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hidream-bench-") as folder:
        os.environ["HIDREAM_TEST_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        _print(options.measures, options.rows)
    return 0


def _print(measures: list[str], rows: int) -> None:
    print(f"| {'measure':62} | {'result':>28} |\n| {'---':62} | {'---:':>28} |")
    for name in measures:
        # The module of a measure imports models, which exist only after django.setup().
        for what, result in import_module(f"tests.bench.{name}").lines(rows):
            print(f"| {what:62} | {result:>28} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
