#!/usr/bin/env python
"""Django's command line for this site; `manage.py help` lists the commands."""

import os
import platform
import sys

try:
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed for {sys.executable}. Type: "
        f"{' '.join(['.venv/bin/python manage.py', *sys.argv[1:]])} (`make run` makes .venv)"
    )

from hidream_site.version import VERSION

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hidream_site.settings")
    # Django itself answers these with its own version.
    if sys.argv[1:] in (["version"], ["--version"]):
        sys.stdout.write(
            f"HiDream Gallery {VERSION}, Django {django.get_version()}, Python {platform.python_version()}\n"
        )
        sys.exit()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"This site cannot start: {error}")
