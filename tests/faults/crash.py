"""A worker that dies at a chosen point.

`python -m tests.faults.crash '{...}'` does one piece of real work and kills itself with SIGKILL at a function of the
site, named as `module:name`. The function is wrapped from outside before the work begins; the code of the site knows
nothing of it.
"""

import functools
import importlib
import json
import os
import signal
import subprocess
import sys
import uuid
from typing import Any
from urllib.parse import quote, urlencode

import django

from tests.places import found

PATIENCE = 60


def crash(work: str, row: object, *, at: str, after: bool, environment: dict[str, str]) -> int:
    """Run `work` on `row` in another process and return its exit code, -9 when it died at the chosen point.

    With `after` the function runs once before the process dies.
    """
    wish = json.dumps({"work": work, "row": str(row), "at": at, "after": after})
    command = [sys.executable, "-m", "tests.faults.crash", wish]
    return subprocess.run(command, env={**os.environ, **environment}, timeout=PATIENCE, check=False).returncode


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


def main(wish: dict[str, Any]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "hidream_site.settings"
    django.setup()
    arm(wish["at"], after=wish["after"])
    {"generate": generate, "submit": submit}[wish["work"]](wish["row"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
