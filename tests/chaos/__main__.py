"""`make chaos` and `make chaos-control`: one run for each seed, then one table of all runs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos import report
from tests.chaos.checks.figures import Figure
from tests.chaos.options import Misread, read
from tests.chaos.site.stage import ROOT

FOLDER = Path(os.environ.get("CHAOS_FOLDER") or ROOT / "var" / "chaos")


def main(words: list[str]) -> int:
    try:
        options = read(words, os.environ)
    except Misread as error:
        print(error, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    codes, folders = [], []
    for seed in options.seeds:
        folder = FOLDER / f"{time.strftime('%m%d-%H%M%S')}-{options.db}-{options.api}-{seed}"
        print(
            f"seed {seed}: {' '.join(['make', *options.words(seed)])}\n  logs in {folder.relative_to(ROOT)}", flush=True
        )
        codes.append(_run(seed, folder, words))
        folders.append(folder)
    done = [folder for folder in folders if (folder / "figures.json").exists()]
    runs = [report.kept(folder) for folder in done]
    if runs:
        print(report.table(runs, [f"seed {folder.name.rpartition('-')[2]}" for folder in done]))
    if options.naive:
        return _control(runs)
    return max(codes)


def _run(seed: int, folder: Path, words: list[str]) -> int:
    """Run one seed in a process whose input is a pipe: when this process ends, the run ends with all its children."""
    command = [sys.executable, "-m", "tests.chaos.run", str(seed), str(folder), *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)
    try:
        return process.wait()
    except KeyboardInterrupt:
        print("Stopped; putting everything away ...", flush=True)
        sys.exit(128 + signal.SIGINT)
    finally:
        process.communicate()


def _control(runs: list[list[Figure]]) -> int:
    """Fail unless the naive task breaks in every run; otherwise the faults are too mild to prove anything."""
    broken = ("orders charged twice", "stuck")
    mild = [name for run in runs for figure in run for name in broken if figure.name == name and not figure.value]
    if mild or not runs:
        print(f"The faults are too mild: the textbook's task met no {' and no '.join(mild) or 'run at all'}.")
        return 1
    print("The textbook's task fails, as it must: orders were charged twice, and some hang for ever.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
