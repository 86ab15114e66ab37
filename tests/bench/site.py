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


@dataclass(frozen=True)
class Site:
    emulator: Emulator
    worker: subprocess.Popen[bytes]
    user: User
    team: Team


@contextmanager
def running(*, concurrency: int, seconds: float) -> Iterator[Site]:
    """Start the site; `seconds` is the time for a picture, which is plain so that drawing it takes no time."""
    with valkey() as broker, Emulator(load(), speed_up=1, rpm=10**6) as emulator:
        emulator.control.update({"drawing": "plain", "balance": "10000", "queue_seconds": 0, "speed_up": 10 / seconds})
        settings.SEGMIND_BASE_URL = emulator.url
        app.conf.update(broker_url=broker.url)
        user, team = _people()
        worker = _worker(broker.url, emulator.url, concurrency)
        try:
            yield Site(emulator, worker, user, team)
        finally:
            worker.kill()
            worker.wait()


def _people():
    team = Team.objects.create(name="Bench", slug=f"bench-{time.time_ns()}")
    user = User.objects.create_user(f"bench-{time.time_ns()}@example.test", None)
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    return user, team


def _worker(broker: str, provider: str, concurrency: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "REDIS_URL": broker, "SEGMIND_BASE_URL": provider}
    command = ["celery", "-A", "hidream_site", "worker", "-P", "threads", "-c", str(concurrency), "-Q", "generate"]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    # A worker takes its first message when it is ready, so each measurement begins with a picture that is not counted.
    return subprocess.Popen(
        [sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
