"""The processes of a running site and the environment they share."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from generations.conf import conf
from generations.management.devserver.children import Program
from generations.management.devserver.embedded import manage, secret_key
from hidream_site import env

WEB_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
EMULATED_GRACE = 15.0  # seconds a worker gets to finish pictures that cost nothing


def environment(data: Path, host: str, port: int) -> dict[str, str]:
    """What every child inherits. Keys and passwords travel here and never on a command line."""
    return {
        **os.environ,
        "DATA_DIR": str(data),
        "HOST": host,
        "PORT": str(port),
        "DJANGO_SECRET_KEY": env.text("DJANGO_SECRET_KEY") or secret_key(data),
        "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
    }


def worker(shared: Mapping[str, str]) -> Program:
    """Threads, because a paid call waits for seconds. It may finish its calls before it ends: they cost money."""
    words = ["-A", "hidream_site", "worker", "--pool", "threads", "--concurrency", str(settings.WORKER_CONCURRENCY)]
    # No gossip, no mingle: workers here do not need each other, and both have broken reconnecting before.
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    command = [sys.executable, "-m", "celery", *words, "--queues", "generate,thumbnails", *quiet]
    grace = EMULATED_GRACE if conf().emulated else conf().timeout + EMULATED_GRACE
    return Program("worker", command, shared, grace=grace)


def sweeper(shared: Mapping[str, str]) -> Program:
    return Program("sweeper", manage("sweeper"), shared)


def web(shared: Mapping[str, str], host: str, port: int) -> Program:
    words = ["--interface", "wsgi", "--host", host, "--port", str(port), "--blocking-threads", str(WEB_THREADS)]
    respawn = ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "8", "--no-ws"]
    command = [sys.executable, "-m", "granian", *words, *respawn, "hidream_site.wsgi:application"]
    return Program("web", command, shared)


def seeding(shared: Mapping[str, str]) -> Program:
    return Program("demo", manage("seed_demo"), shared)
