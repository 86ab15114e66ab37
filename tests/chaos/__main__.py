"""`make chaos` and `make chaos-naive`: each seed a run, then one table over all of them."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos import report
from tests.chaos.figures import Figure
from tests.chaos.options import Misread, read
from tests.chaos.stage import ROOT

FOLDER = ROOT / "var" / "chaos"


def main(words: list[str]) -> int:
    try:
        options = read(words, os.environ)
    except Misread as error:
        print(error, file=sys.stderr)
        return 2
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
    process = subprocess.Popen([sys.executable, "-m", "tests.chaos.run", str(seed), str(folder), *words])
    try:
        return process.wait()
    except BaseException:
        process.wait(timeout=60)  # Ctrl-C reaches it as well, and it has things to put away
        raise


def _control(runs: list[list[Figure]]) -> int:
    """The textbook's task has to break, in every run, or the weather proves nothing."""
    broken = ("orders charged twice", "stuck")
    mild = [name for run in runs for figure in run for name in broken if figure.name == name and not figure.value]
    if mild or not runs:
        print(f"The weather is too mild: the textbook's task met no {' and no '.join(mild) or 'run at all'}.")
        return 1
    print("The textbook's task fails, as it must: orders were charged twice, and some hang for ever.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
