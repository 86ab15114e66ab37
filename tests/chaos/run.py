"""One run in its own process, because Django is set up once: `python -m tests.chaos.run SEED FOLDER WORDS`."""

import logging
import os
import signal
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from tests.chaos import report
from tests.chaos.checks.checker import check
from tests.chaos.checks.figures import OF_ANYBODY, Figure, figures, of_anybody
from tests.chaos.checks.heartbeat import silence
from tests.chaos.options import Options, read
from tests.chaos.progress import TimeUp, progress
from tests.chaos.site.stage import stage
from tests.infrastructure import Unavailable
from tests.secret_scan import place

BROKEN, IMPOSSIBLE = 1, 2
# When only servers are killed, a worker must work again within so many seconds without help.
SERVERS, MAX_SILENCE_LENGTH = {"redis", "pg"}, 30
# Seconds for steps without a deadline of their own, such as a server that does not end.
UNREASONABLE = 90.0


def main(seed: int, folder: Path, options: Options) -> int:
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"  {time.monotonic() - began:5.0f} s  {line}", flush=True)

    threading.Thread(target=_end_with_the_input, daemon=True).start()
    signal.signal(signal.SIGALRM, _time_up)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with stage(options, seed, folder) as found:
            os.environ.update(found.environment)
            django.setup()
            _log_into(found.logs / "people.log")
            story = import_module("tests.chaos.story")  # imports models
            signal.alarm(int(story.longest(options) + UNREASONABLE))
            say(f"full disk: {found.disk.sentence}; this run ends within {story.longest(options):.0f} s")
            outcome = story.play(options, seed, found, say)
    except (Unavailable, TimeUp) as error:
        say(f"{error} The logs are in {folder / 'logs'}.")
        return IMPOSSIBLE
    return _judge(options, folder, outcome, say)


def _log_into(path: Path) -> None:
    """Write the logs of this process to the folder; the terminal shows the progress of the run."""
    root = logging.getLogger()
    root.handlers[:] = [logging.FileHandler(path)]


def _judge(options: Options, folder: Path, outcome: Any, say: Any) -> int:
    findings = check(outcome.books)
    leaks = [hit for searched in outcome.places for hit in searched.hits]
    counted = figures(outcome.books, findings, api=options.api, reconciled=outcome.reconciled)
    if options.naive:
        counted = of_anybody(counted)
        findings = [finding for finding in findings if finding.figure in OF_ANYBODY]
    counted.append(Figure("places where the key was found", len(leaks), 0))
    counted.append(Figure("events", len(outcome.past)))
    counted.append(Figure("restarts", outcome.restarts))
    counted.append(Figure("orders sent again after an error", outcome.again))
    silent = round(silence(folder / "logs", outcome.period))
    counted.append(Figure("longest silence of a worker, s", silent))
    if set(options.faults) <= SERVERS:
        counted.append(Figure(f"seconds of it beyond {MAX_SILENCE_LENGTH}", max(0, silent - MAX_SILENCE_LENGTH), 0))
    report.keep(folder, outcome.books, findings, counted)
    place.write(folder / "secret-scan.json", outcome.places)
    # The naive task is expected to break, so the table is enough.
    told = [] if options.naive else report.lines(findings)
    for line in [*told, *(f"the key stands in {hit}" for hit in leaks)]:
        say(line)
    return BROKEN if any(figure.missed for figure in counted) else 0


def _end_with_the_input() -> None:
    """End the run when its parent has ended; with a terminal as input there is no such signal."""
    if not sys.stdin.isatty():
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)


def _time_up(*_: object) -> None:
    raise progress.given_up()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2]), read(sys.argv[3:], os.environ)))
