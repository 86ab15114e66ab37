"""The people who order, at a steady pace; whoever gets an error page sends the same form again."""

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from django.db import connection

from tests.chaos.books import Site
from tests.chaos.processes import Process
from tests.chaos.reading import sha256
from tests.chaos.stage import Stage

PATIENCE = 60.0
AGAIN = 0.3


class Impatient(RuntimeError):
    """An order could not be placed."""


class Shop(Protocol):
    """What is put to the test: the site, or the textbook's task.

    `silence`: nothing moved for so many seconds in the calm means that nothing will. `busy` is what a person meets as
    an error page and answers by sending the form again.
    """

    silence: float
    busy: tuple[type[Exception], ...]

    def processes(self, stage: Stage) -> Sequence[Process]: ...

    def open(self) -> None: ...

    def is_ready(self) -> bool:
        """Whether its processes have begun their work; orders wait for that."""

    def order(self, number: int, prompt: str) -> None:
        """May be called again with the same arguments after an error."""

    def waiting(self) -> int: ...

    def books(self) -> Site: ...


class People:
    """`ordered` holds the hash of each prompt that was accepted; `again` counts the sends that met an error."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.ordered: list[str] = []
        self.again = 0
        self._shop, self._seed = shop, seed

    def order(self, count: int, seconds: float) -> None:
        """One after the other, evenly over the seconds. Raises Impatient."""
        began = time.monotonic()
        pause = threading.Event()
        for number in range(count):
            pause.wait(max(0.0, began + number * seconds / count - time.monotonic()))
            prompt = f"storm {self._seed}, wave {number}"
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
