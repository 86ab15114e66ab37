"""`manage.py run`: the whole site in one terminal."""

import http.client
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from generations.conf import conf
from generations.management.devserver import ports, programs
from generations.management.devserver.instance_lock import announce, instance_lock
from generations.management.devserver.supervisor import Supervisor
from generations.models import User
from generations.services.site import mode
from hidream_site import env
from hidream_site.hosts import LOOPBACK_HOSTS, site_origin

START_SECONDS = 120  # a busy machine may need them; a quiet one takes two
DEMO_PASSWORD = "demo-gallery"  # noqa: S105  (of users who exist only on a developer's machine)
# The address under which this machine reaches itself when it listens on every one.
REACHABLE_AT = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  (compared, not bound)


class Command(BaseCommand):
    help = "Run the whole site in this terminal: broker, emulator, worker, sweeper, web. Ctrl-C stops all of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        port = env.integer("PORT", 0, low=0, high=65535) or None
        parser.add_argument("--host", default=env.text("HOST", "127.0.0.1"), help="default: HOST, else 127.0.0.1")
        parser.add_argument("--port", type=int, default=port, help="default: PORT, else the first free from 8000")
        parser.add_argument("--show-everything", action="store_true", help="show every line the processes write")
        parser.add_argument("--stop-with-parent", action="store_true", help="stop when the starting process is gone")

    def handle(self, *args: Any, **options: Any) -> None:
        self.host: str = options["host"]
        self.wanted_port: int | None = options["port"]
        self.data: Path = conf().data_dir
        self._refuse_demo_on_network()
        with instance_lock(self.data) as lock, ports.held_port(self.host, self.wanted_port) as self.port:
            announce(lock, self._url())
            self.shared = programs.environment(self.data, self.host, self.port)
            self.supervisor = Supervisor(
                self.data / "logs",
                self._say,
                verbose=options["show_everything"],
                stop_with_parent=options["stop_with_parent"],
                keep_open=[lock],
            )
            with self.supervisor:
                self._run(lambda: announce(lock, self._url(), programs.addresses(self.shared)))
            self.supervisor.say(f"Stopped. Your data is in {self.data}")

    def _refuse_demo_on_network(self) -> None:
        """Raise CommandError where others could sign in with the printed passwords, unless that was asked for."""
        if self._opens_the_demo() and not conf().demo_on_network:
            raise CommandError(
                f"HOST is {self.host}, and this site is a demo: everyone on the network could sign in as a superuser "
                f"with the password it prints. Set HOST=127.0.0.1 to keep it on this machine, SEGMIND_API_KEY to run "
                f"without the demo, or DEMO_ON_NETWORK=1 if this is what you want."
            )

    def _opens_the_demo(self) -> bool:
        return conf().is_demo and self.host not in LOOPBACK_HOSTS

    def _run(self, announce_addresses: Callable[[], None]) -> None:
        say = self.supervisor.say
        if self.wanted_port is None and self.port != ports.DEFAULT_PORT:
            say(f"Port {ports.DEFAULT_PORT} is taken, so this site uses {self.port}.")
        self._start_broker()
        self._start_emulator()
        announce_addresses()
        self._prepare_data()
        say("Starting the web server, the worker and the sweeper (about 3 seconds) ...")
        self.supervisor.start(programs.web(self.shared, self.host, self.port))
        self.supervisor.start(programs.worker(self.shared))
        self.supervisor.start(programs.sweeper(self.shared))
        self._wait("web", self._serves_pages)
        for line in self._welcome():
            say(line)
        self.supervisor.run(until=lambda: False)

    def _start_broker(self) -> None:
        if env.text("REDIS_URL"):
            return
        program, self.shared["REDIS_URL"] = programs.broker(self.data / "valkey", self.shared)
        self.supervisor.start(program)
        self._wait("broker", lambda: _answers_ping(self.shared["REDIS_URL"]))

    def _start_emulator(self) -> None:
        if not conf().emulated or env.text("SEGMIND_BASE_URL"):
            return
        program, self.shared["SEGMIND_BASE_URL"] = programs.emulator(self.data / "emulator", self.shared)
        self.supervisor.start(program)
        self._wait("emulator", lambda: ports.accepts_connections(self.shared["SEGMIND_BASE_URL"]))

    def _prepare_data(self) -> None:
        say = self.supervisor.say
        if pending := pending_migrations():
            say(f"Preparing the database: {pending} migration{'' if pending == 1 else 's'} (a few seconds) ...")
            call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
        call_command("compilemessages", stdout=self.stdout)
        if static_files_are_stale():
            say("Collecting and compressing static files (about 10 seconds) ...")
            call_command("collectstatic", verbosity=0, interactive=False)
        mode.apply_mode()
        if seed_once(self.data, self._seed):
            say(f"The demo gallery is incomplete; the next start tries again. See {self.data / 'logs' / 'demo.log'}")
        connections.close_all()  # from here on only the children talk to the database

    def _seed(self) -> int:
        self.supervisor.say(
            "First start: creating a demo team with a gallery of emulated pictures (about 10 seconds) ..."
        )
        return self.supervisor.complete(programs.seed_demo(self.shared))

    def _wait(self, name: str, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        self.supervisor.run(until=lambda: is_ready() or time.monotonic() > deadline)
        if time.monotonic() > deadline:
            raise CommandError(
                f"The {name} does not answer after {START_SECONDS} s; {self.data / 'logs' / name}.log says why."
            )

    def _serves_pages(self) -> bool:
        """Return whether the web server answers; ALLOWED_HOSTS may refuse the address that is used here."""
        server = http.client.HTTPConnection(REACHABLE_AT.get(self.host, self.host), self.port, timeout=2)
        try:
            server.request("GET", "/healthz")
            return server.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            server.close()

    def _welcome(self) -> Iterator[str]:
        yield ""
        yield f"  HiDream Gallery   {self._url()}"
        yield from self._who_generates()
        if self.host not in LOOPBACK_HOSTS:
            yield f"  It listens on {self.host}: others can reach it. Name the hosts they use in ALLOWED_HOSTS."
        if self._opens_the_demo():
            yield "  WARNING           everyone on the network can sign in as a superuser with the password above"
        yield f"  Logs              {self.data / 'logs'}"
        yield "  Ctrl-C stops everything."
        yield ""

    def _who_generates(self) -> Iterator[str]:
        if not conf().emulated:
            yield f"  Pictures          by Segmind at {conf().base_url}; they cost money"
            yield "  First owner       .venv/bin/python manage.py create_user EMAIL --team NAME --role owner"
            return
        yield "  Pictures          by the emulator: nothing leaves this machine, nothing is charged"
        if conf().debug:
            yield f"  Sign in           owner@demo.test, member@demo.test or viewer@demo.test, password {DEMO_PASSWORD}"

    def _url(self) -> str:
        return f"{site_origin(self.host, self.port)}/"

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _answers_ping(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_files_are_stale() -> bool:
    """Return whether they have to be collected: only production serves collected ones, never older than a source."""
    if conf().debug:
        return False
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    sources = (Path(storage.path(name)) for name, storage in FileSystemFinder().list([]))
    return any(path.stat().st_mtime > manifest.stat().st_mtime for path in sources)


def seed_once(data: Path, seed: Callable[[], int]) -> int:
    """Run `seed` where nobody has an account yet, or where seeding was cut off; return 0, or its exit code.

    Demo users exist only with the emulator and DJANGO_DEBUG.
    """
    unfinished = data / "seeding"
    if not conf().is_demo or (User.objects.exists() and not unfinished.exists()):
        return 0
    unfinished.touch()
    if code := seed():
        return code
    unfinished.unlink()
    return 0
