#!/usr/bin/env python
"""Django's command line for this site; `manage.py help` lists the commands."""

import os
import platform
import sys
from pathlib import Path

try:
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed for {sys.executable}. Type: "
        f"{' '.join(['.venv/bin/python manage.py', *sys.argv[1:]])} (`make run` makes .venv)"
    )

from generations.management.devserver.instance_lock import use_addresses
from hidream_site import env, env_file
from hidream_site.version import VERSION


def prepare_environment(words: list[str]) -> None:
    """Read `.env`, and let a command beside `manage.py run` use what that one has chosen. Raises ValueError."""
    if loaded := env_file.load():
        path, names = loaded
        given = ", ".join(names) or "none that the environment does not have"
        sys.stderr.write(f"Settings from {path.name if path == env_file.FILE else path}: {given}\n")
    # `run` makes its own, and `reset` says which servers keep what they have: those that somebody else named.
    if words[:1] not in (["run"], ["reset"]):
        use_addresses(Path(env.text("DATA_DIR", str(env_file.FILE.with_name("var")))), os.environ)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hidream_site.settings")
    # Django itself answers these with its own version.
    if sys.argv[1:] in (["version"], ["--version"]):
        sys.stdout.write(
            f"HiDream Gallery {VERSION}, Django {django.get_version()}, Python {platform.python_version()}\n"
        )
        sys.exit()
    try:
        prepare_environment(sys.argv[1:])
    except ValueError as error:
        sys.exit(str(error))
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"This site cannot start: {error}")
