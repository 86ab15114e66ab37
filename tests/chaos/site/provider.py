"""The emulator as a process.

`python -m tests.chaos.site.provider LEDGER` prints its address and serves until it is told to stop. Its key comes
from the environment.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from generations.emulator import Emulator
from generations.schema import load
from tests.chaos.options import KEY_VARIABLE

# At speed 1 draft quality takes five seconds for one megapixel, the slowest speed thirteen.
SPEED_UP = 30.0
START = {"drawing": "plain", "balance": "100000", "history_seconds": 1}


class Provider:
    """The emulator from outside: its address and its control plane."""

    def __init__(self, url: str) -> None:
        self.url = url

    def tell(self, **wishes: Any) -> None:
        answer = requests.put(f"{self.url}/__control__", json=wishes, timeout=10)
        if answer.status_code != 200:
            raise ValueError(f"The emulator does not take {wishes}: {answer.text}")

    def set_random_faults(
        self, rate: float, seed: int, faults: Sequence[Mapping[str, object]], routes: Sequence[str]
    ) -> None:
        self.tell(random_faults={"rate": rate, "seed": seed, "faults": list(faults), "on": list(routes)})

    def clear_faults(self) -> None:
        self.tell(clear_faults=True)


@contextmanager
def provider(ledger: Path, key: str, log: Path) -> Iterator[Provider]:
    command = [sys.executable, "-m", "tests.chaos.site.provider", str(ledger)]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            env={**os.environ, KEY_VARIABLE: key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            process_group=0,
        )
    try:
        line = process.stdout.readline().decode().strip() if process.stdout else ""
        if not line.startswith("http://"):
            raise RuntimeError(f"The emulator did not start; {log} says why.")
        found = Provider(line)
        found.tell(**START)
        yield found
    finally:
        process.terminate()
        process.communicate(timeout=20)


def main(ledger: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    # The end of the input means that the parent has ended.
    threading.Thread(target=_wait_for_the_end_of_input, args=(stop,), daemon=True).start()
    with Emulator(
        load(), keys=[os.environ[KEY_VARIABLE]], speed_up=SPEED_UP, rpm=1_000_000, ledger=Path(ledger)
    ) as emulator:
        print(emulator.url, flush=True)
        stop.wait()


def _wait_for_the_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


if __name__ == "__main__":
    main(sys.argv[1])
