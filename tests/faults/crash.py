"""A worker that dies at a chosen point.

A child of `CrashServer` does one piece of real work and kills itself with SIGKILL at a function of the site, named as
`module:name`. The function is wrapped from outside before the work begins; the code of the site knows nothing of it.
"""

import functools
import importlib
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import django
from django.conf import settings

from tests.places import found

MAX_SECONDS = 60


class CrashServer:
    """A process that has loaded the site once and forks a child for each piece of work, which takes no second then."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "hidream_site.settings"}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.faults.crash"]
        self._process = subprocess.Popen(
            command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def crash(self, work: str, row: object, *, at: str, after: bool, changed: dict[str, str]) -> int:
        """Run `work` on `row` in another process and return its exit code, -9 when it died at the chosen point.

        With `after` the function runs once before the process dies. `changed`: settings of this piece of work.
        """
        assert self._process.stdin
        assert self._process.stdout
        wish = {"work": work, "row": str(row), "at": at, "after": after, "changed": changed}
        print(json.dumps(wish), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


def database_url(settings: dict[str, Any]) -> str:
    """Return the database address for a child, rebuilt from Django's DATABASES entry of a running test."""
    if "sqlite" in settings["ENGINE"]:
        return f"sqlite:///{quote(str(settings['NAME']))}"
    query = urlencode({**settings["OPTIONS"], "host": settings["HOST"]})
    login = f"{quote(settings['USER'])}:{quote(settings['PASSWORD'])}"
    port = f":{settings['PORT']}" if settings["PORT"] else ""
    return f"postgres://{login}@{port}/{settings['NAME']}?{query}"


def arm(place: str, *, after: bool) -> None:
    owner, name = found(place)
    original = getattr(owner, name)

    @functools.wraps(original)
    def deadly(*args: Any, **options: Any) -> None:
        if after:
            original(*args, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, deadly)


def generate(row: str) -> None:
    importlib.import_module("generations.tasks").generate(row)


def submit(row: str) -> None:
    """Submit one generation of this user in their first team."""
    models = importlib.import_module("generations.models")
    factories = importlib.import_module("tests.factories")
    person = models.User.objects.get(id=row)
    factories.order(person, person.teams.get(), key=uuid.uuid4())


def carry_out(wish: dict[str, Any]) -> None:
    for name, value in wish["changed"].items():
        setattr(settings, name, Path(value) if name == "DATA_DIR" else value)
    arm(wish["at"], after=wish["after"])
    {"generate": generate, "submit": submit}[wish["work"]](wish["row"])


def serve() -> None:
    """Answer each wish on standard input with an exit code, until it is closed."""
    django.setup()
    importlib.import_module("generations.tasks")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.alarm(MAX_SECONDS)
            carry_out(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
