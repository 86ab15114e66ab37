"""`manage.py reset`: return to the state of a fresh clone."""

import os
import shutil
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from generations.conf import conf
from generations.management.devserver.instance_lock import FILE, running_instance
from generations.management.devserver.reaper import is_alive
from hidream_site import env

MAX_STOP_SECONDS = 60


class Command(BaseCommand):
    help = "Stop the running site and delete DATA_DIR: pictures, SQLite database, queue, logs. Asks first."
    # It must work even when other parts do not.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        data = conf().data_dir
        if not any(data.iterdir()):
            self.stdout.write(f"{data} is empty; there is nothing to reset.")
            return
        require_data_of_this_site(data)
        if not options["yes"] and input(f"Delete everything in {data}? Type yes: ").strip().lower() != "yes":
            self.stdout.write("Nothing was changed.")
            return
        stop_run(data)
        empty(data)
        self.stdout.write(f"{data} is empty. The next `make run` starts over.")
        if env.text("DATABASE_URL") or env.text("REDIS_URL"):
            self.stdout.write("The servers named by DATABASE_URL and REDIS_URL keep what they have.")


def require_data_of_this_site(data: Path) -> None:
    """Raise CommandError unless the directory has this site's files: DATA_DIR may be mistyped."""
    if not any((data / name).exists() for name in (FILE, "gallery.sqlite3")):
        raise CommandError(f"{data} does not look like this site's data. Delete it by hand if it is.")


def stop_run(data: Path) -> None:
    """Stop the running site and wait for its end. Raises CommandError when it does not end."""
    if (found := running_instance(data)) is None:
        return
    pid, _ = found
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + MAX_STOP_SECONDS
    while is_alive(pid):
        if time.monotonic() > deadline:
            raise CommandError(f"The running site (process {pid}) does not stop. End it yourself, then reset again.")
        time.sleep(0.1)


def empty(data: Path) -> None:
    for path in data.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
