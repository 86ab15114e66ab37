"""Users who submit at a steady rate; after an error page they send the same form again."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from django.db import connection

from tests.chaos.checks.books import Site
from tests.chaos.checks.reading import sha256
from tests.chaos.site.processes import Process
from tests.chaos.site.stage import Stage

PATIENCE = 60.0
AGAIN = 0.3


class Impatient(RuntimeError):
    """A generation could not be submitted in time."""


class Shop(Protocol):
    """The system under test: the site, or the naive task.

    `silence`: seconds without progress after which nothing more is expected. `busy`: errors that a user sees as an
    error page and answers by sending the form again.
    """

    silence: float
    busy: tuple[type[Exception], ...]

    def processes(self, stage: Stage) -> Sequence[Process]: ...

    def open(self) -> None: ...

    def is_ready(self) -> bool:
        """Return whether its processes work; submits wait for that."""

    def order(self, number: int, prompt: str) -> None:
        """Submit one generation; may be called again with the same arguments after an error."""

    def waiting(self) -> dict[str, int]:
        """Return the numbers of what is open, by its name in a sentence."""

    def books(self) -> Site: ...


class People:
    """The users; `ordered` has the hash of each accepted prompt, `again` counts sends that met an error."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.ordered: list[str] = []
        self.again = 0
        self._shop, self._seed = shop, seed

    def order(self, count: int, seconds: float) -> None:
        """Submit one after the other, evenly over the seconds. Raises Impatient."""
        began = time.monotonic()
        pause = threading.Event()
        for number in range(count):
            pause.wait(max(0.0, began + number * seconds / count - time.monotonic()))
            prompt = f"run {self._seed}, picture {number}"
            self._place(number, prompt)
            self.ordered.append(sha256(prompt.encode()))

    def _place(self, number: int, prompt: str) -> None:
        for _ in _tries(prompt):
            try:
                self._shop.order(number, prompt)
                return
            except self._shop.busy:
                self.again += 1
                connection.close()


def _tries(prompt: str) -> Iterator[None]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        yield
        time.sleep(AGAIN)
    raise Impatient(f"No order was taken for {PATIENCE:.0f} s: {prompt!r}.")
