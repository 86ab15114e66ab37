"""A site as `make run` starts it, with the key: visited, met by faults, used by its commands, and searched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path

import django
import requests

from tests.chaos.site.provider import Provider, provider
from tests.infrastructure.ports import free_port
from tests.infrastructure.valkey import Valkey, valkey
from tests.secret_scan import sources
from tests.secret_scan.mailbox import mailbox
from tests.secret_scan.place import Place

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120
EMAIL, TEAM, PASSWORD = "scan@example.test", "scan", "correct horse battery"
MANAGE = [sys.executable, str(ROOT / "manage.py")]
COMMANDS = {
    "create_user": ["create_user", EMAIL, "--team", TEAM, "--role", "owner", "--password-stdin"],
    "check": ["check"],
    "check-deploy": ["check", "--deploy"],
    "provider_check": ["provider_check"],
    "provider_check-spend": ["provider_check", "--spend", "--team", TEAM],
    "seed_demo": ["seed_demo"],
    "sweeper": ["sweeper", "--once"],
    "sweeper-healthcheck": ["sweeper", "--healthcheck"],
    "run-again": ["run"],
    "showmigrations": ["showmigrations"],
}


class Site:
    """Everything that the site needs, at private addresses."""

    def __init__(self, key: str, folder: Path, stack: ExitStack) -> None:
        self.key, self.folder, self.data = key, folder, folder / "data"
        for made in (self.data, folder / "commands", folder / "provider"):
            made.mkdir(parents=True)
        self.provider: Provider = stack.enter_context(
            provider(folder / "provider" / "ledger.jsonl", key, folder / "provider" / "log")
        )
        self.broker: Valkey = stack.enter_context(valkey())
        mail = stack.enter_context(mailbox(folder / "mails"))
        self.address = f"http://127.0.0.1:{free_port()}"
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS} | {
            "DJANGO_SETTINGS_MODULE": "hidream_site.settings",
            "DJANGO_DEBUG": "1",
            "DATA_DIR": str(self.data),
            "REDIS_URL": self.broker.url,
            "SEGMIND_API_KEY": key,
            "SEGMIND_BASE_URL": self.provider.url,
            "SEGMIND_TIMEOUT": "5",
            "SEGMIND_RPM": "6000",
            "SEGMIND_HISTORY_LAG": "1",
            "PROBE_SECONDS": "1",
            "EMAIL_URL": mail.url,
            "PORT": self.address.rpartition(":")[2],
        }

    def command(self, name: str, words: list[str], entered: str = "") -> None:
        """Run a command to its end, whatever its exit code, and keep its output."""
        with (self.folder / "commands" / name).open("ab") as output:
            subprocess.run(
                [*MANAGE, *words], env=self.environment, cwd=ROOT, input=entered.encode(), stdout=output,
                stderr=output, check=False, timeout=120,
            )  # fmt: skip

    @contextmanager
    def running(self, version: str) -> Iterator[None]:
        self.environment["SEGMIND_API_VERSION"] = version
        with (self.folder / "commands" / f"run-{version}").open("wb") as output:
            words = [*MANAGE, "run", "--show-everything", "--stop-with-parent"]
            run = subprocess.Popen(words, env=self.environment, cwd=ROOT, stdout=output, stderr=output)
        try:
            self._wait(run)
            yield
        finally:
            run.send_signal(signal.SIGTERM)
            run.wait(timeout=60)

    def _wait(self, run: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + READY_SECONDS
        while run.poll() is None and time.monotonic() < end:
            try:
                if requests.get(f"{self.address}/readyz", timeout=5).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.3)
        raise RuntimeError(f"The site did not start; {self.folder / 'commands'} says why.")


# Variables that are not inherited from the shell, because the site gets its own values.
OURS = {
    "DATABASE_URL", "HIDREAM_TEST_DATA", "SEGMIND_FILE_HOSTS", "SEGMIND_HISTORY_URL", "HOST", "DJANGO_SECRET_KEY",
    "ALLOWED_HOSTS", "SITE_URL", "METRICS_TOKEN", "ACCEL_LOCATION", "MEDIA_GROUP", "TRUSTED_PROXIES",
}  # fmt: skip


def site(key: str, folder: Path) -> tuple[list[str], list[Place]]:
    """Return complaints and the searched places. Sets Django up in this process permanently."""
    place = partial(Place, key=key)
    pages, lines = place("site: pages", "answers"), place("site: command lines", "processes")
    with ExitStack() as stack:
        stack.enter_context(sources.CommandLines(lines))
        found = Site(key, folder, stack)
        os.environ.update(found.environment)
        django.setup()
        complaints = import_module("tests.secret_scan.tour").tour(found, pages)
        queues = place("site: Redis dump", "keys")
        with found.broker.client() as client:
            sources.broker(queues, client)
        base, kept, said = (
            place("site: database dump", "lines"),
            place("site: data", "files"),
            place("site: output", "files"),
        )
        sources.sqlite(base, found.data / "gallery.sqlite3")
        sources.files(kept, [found.data, found.broker.directory])
    # Processes write at their end, which is over by now.
    sources.files(said, [folder / "commands", folder / "data" / "logs"])
    # The ledger beside it belongs to the provider, who may know the key.
    said.read(folder / "provider" / "log")
    mails = place("site: mails", "mails")
    sources.mails(mails, folder / "mails")
    return complaints, [said, kept, base, queues, pages, mails, lines]
