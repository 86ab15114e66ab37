"""How a round of the sweeper takes its rows: each for itself, and some at once where the caller says so."""

import logging
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")


class MapFunction(Protocol):
    """What `map` is to one thread."""

    def __call__(self, step: Callable[[T], R], subjects: Iterable[T], /) -> Iterable[R]: ...


def run_isolated(step: Callable[[T], R], subject: T) -> R | None:
    """One row that cannot be settled must not keep the others waiting; the next round tries it again. None then."""
    try:
        return step(subject)
    # A full disk, a model that is no longer known, a row that breaks a constraint: the others have no part in it.
    except Exception:
        logger.exception("%s could not be settled", subject)
        return None
