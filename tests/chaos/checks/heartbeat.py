"""The time in which a worker took no messages while generations were submitted, read from the workers' logs."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

TAKEN = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) .*Task \S+ received$")


def silence(logs: Path, period: tuple[datetime, datetime]) -> float:
    """Return the longest time of any worker, in seconds between the first submit and the last event.

    Time in which it was dead, stopped or without a broker counts, because the recovery is what is measured.
    """
    return max((_longest(path, *period) for path in logs.glob("worker-*.log")), default=0.0)


def _longest(log: Path, begin: datetime, end: datetime) -> float:
    moments = [begin, *(moment for moment in _taken(log) if begin < moment < end), end]
    return max((later - earlier).total_seconds() for earlier, later in pairwise(moments))


def _taken(log: Path) -> Iterator[datetime]:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := TAKEN.match(line):
            moment = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  (TIME_ZONE is UTC here)
            yield moment.replace(microsecond=int(match[2]) * 1000, tzinfo=UTC)
