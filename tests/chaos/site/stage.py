"""The servers of a run and the environment of every process that uses them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.faults.disk import Disk, disk
from tests.chaos.options import Options
from tests.chaos.site.processes import Wards
from tests.chaos.site.provider import Provider, provider
from tests.infrastructure.postgres import Postgres, postgres
from tests.infrastructure.valkey import Valkey, valkey

# Seconds for one paid call; the slowest picture takes half a second.
DEADLINE = 3
WORKERS, THREADS = 3, 8
# The lag of the history as the site is told, in seconds; the emulator's is one.
HISTORY_LAG = 4
ROOT = Path(__file__).parents[3]


@dataclass
class Stage:
    """The servers; `folder` keeps logs and records, `data` is the site's DATA_DIR and removed after the run."""

    folder: Path
    provider: Provider
    broker: Valkey
    database: Postgres | None
    disk: Disk
    key: str
    environment: dict[str, str]
    wards: Wards

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def ledger(self) -> Path:
        return self.folder / "provider.jsonl"


@contextmanager
def stage(options: Options, seed: int, folder: Path) -> Iterator[Stage]:
    (folder / "logs").mkdir(parents=True)
    # A unique key, which is searched for everywhere afterwards.
    key = options.key or f"SG_secret{seed:08d}feedbeef"
    with ExitStack() as stack:
        found = stack.enter_context(provider(folder / "provider.jsonl", key, folder / "logs" / "provider.log"))
        broker = stack.enter_context(valkey(persistent=False))
        database = stack.enter_context(postgres()) if options.db == "pg" else None
        wards = stack.enter_context(Wards())
        wards.watch(broker.process)
        wards.watch(database.process if database else None)
        room = stack.enter_context(_disk(options, folder / "data"))
        environment = _environment(options, folder / "data", found, broker, database, key)
        yield Stage(folder, found, broker, database, room, key, environment, wards)


@contextmanager
def _disk(options: Options, data: Path) -> Iterator[Disk]:
    if "enospc" not in options.faults:
        data.mkdir()
        yield Disk("not asked for")
        return
    with disk(data) as found:
        yield found


def _environment(
    options: Options, data: Path, found: Provider, broker: Valkey, database: Postgres | None, key: str
) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "DJANGO_DEBUG": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
        "DATA_DIR": str(data),
        "DATABASE_URL": database.url if database else "",
        "REDIS_URL": broker.url,
        "SEGMIND_API_KEY": key,
        "SEGMIND_BASE_URL": found.url,
        "SEGMIND_FILE_HOSTS": "",
        "SEGMIND_API_VERSION": options.api,
        "SEGMIND_TIMEOUT": str(DEADLINE),
        # High enough to delay nothing; each call still asks the limiter, which uses Redis.
        "SEGMIND_RPM": "6000",
        "SEGMIND_HISTORY_URL": "",
        "SEGMIND_HISTORY_LAG": str(HISTORY_LAG),
        "WORKER_CONCURRENCY": str(THREADS),
        "CHAOS_LATE": str(int(options.late)),
        "CHAOS_NAIVE": str(int(options.naive)),
    }
