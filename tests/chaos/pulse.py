"""How long a worker took nothing while orders came in, from what the workers wrote into their logs."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

TAKEN = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) .*Task \S+ received$")


def silence(logs: Path, storm: tuple[datetime, datetime]) -> float:
    """Seconds, the longest of any worker between the first order and the end of the weather.

    The time in which it was dead, frozen or had no broker counts: what matters is when it works again.
    """
    return max((_longest(path, *storm) for path in logs.glob("worker-*.log")), default=0.0)


def _longest(log: Path, begin: datetime, end: datetime) -> float:
    moments = [begin, *(moment for moment in _taken(log) if begin < moment < end), end]
    return max((later - earlier).total_seconds() for earlier, later in pairwise(moments))


def _taken(log: Path) -> Iterator[datetime]:
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := TAKEN.match(line):
            moment = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  (TIME_ZONE is UTC here)
            yield moment.replace(microsecond=int(match[2]) * 1000, tzinfo=UTC)
