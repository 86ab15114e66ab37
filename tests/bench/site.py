"""A private site for a measurement: broker, emulator and one worker process, which end with the block."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings

from generations.emulator import Emulator
from generations.models import Membership, Role, Team, User
from generations.schema import load
from hidream_site.celery import app
from tests.infrastructure.valkey import valkey

WORKER = ["-A", "hidream_site", "worker", "-P", "threads", "-Q", "generate"]
WORKER += ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]


@dataclass(frozen=True)
class Site:
    emulator: Emulator
    worker: subprocess.Popen[bytes]
    user: User
    team: Team


@contextmanager
def running(*, concurrency: int, seconds: float, plan: int = 0, sweeps: bool = False) -> Iterator[Site]:
    """Start the site; `seconds` is the time for a picture, which is plain so that drawing it takes no time.

    `plan` is the site's limit of requests a minute, 0 for none; a sweeper runs only if the measurement wants it.
    """
    with valkey() as broker, Emulator(load(), speed_up=1, rpm=10**6) as emulator:
        emulator.control.update({"drawing": "plain", "balance": "10000", "queue_seconds": 0, "speed_up": 10 / seconds})
        settings.SEGMIND_BASE_URL = emulator.url
        app.conf.update(broker_url=broker.url)
        # For the whole process: what it submits and asks is of this site.
        settings.REDIS_URL, settings.SEGMIND_RPM = broker.url, plan
        team = Team.objects.create(name="Bench", slug=f"bench-{time.time_ns()}")
        user = another_user(team)
        environment = {
            **os.environ, "REDIS_URL": broker.url, "SEGMIND_BASE_URL": emulator.url, "SEGMIND_RPM": str(plan),
        }  # fmt: skip
        worker = _start(["-m", "celery", *WORKER, "-c", str(concurrency)], environment)
        started = [worker, *([_start(["-m", "django", "sweeper"], environment)] if sweeps else [])]
        try:
            yield Site(emulator, worker, user, team)
        finally:
            for process in started:
                process.kill()
                process.wait()


def another_user(team: Team) -> User:
    """Return a new owner of the team."""
    user = User.objects.create_user(f"bench-{time.time_ns()}@example.test", None)
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    return user


def _start(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    # A worker takes its first message when it is ready, so a measurement begins with a picture that is not counted.
    return subprocess.Popen(
        [sys.executable, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
