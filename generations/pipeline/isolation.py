"""Processing of rows in isolation (one failure does not stop the round), optionally in parallel."""

import logging
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")


class MapFunction(Protocol):
    """The signature of `map` for one iterable; a parallel one is a thread pool's."""

    def __call__(self, step: Callable[[T], R], subjects: Iterable[T], /) -> Iterable[R]: ...


def run_isolated(step: Callable[[T], R], subject: T) -> R | None:
    """Return `step(subject)`; log any exception and return None, so that the next round tries the row again."""
    try:
        return step(subject)
    # A full disk, an unknown model, a row that breaks a constraint: none of these concerns the other rows.
    except Exception:
        logger.exception("%s could not be settled", subject)
        return None
