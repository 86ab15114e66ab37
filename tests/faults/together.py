"""Threads that begin at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
MAX_SECONDS = 60


def together(*jobs: Callable[[], T]) -> list[T]:
    """Return the results of the jobs; raise the exception of one of them. Each has its own database connection."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        try:
            start.wait(MAX_SECONDS)
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(MAX_SECONDS) for future in [pool.submit(run, job) for job in jobs]]
