"""Bringing the data up to date before anybody is served."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from generations.conf import conf
from generations.models import User


def pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def wants_static_files() -> bool:
    """Only production serves collected files; collecting again is needed when a source is newer."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if conf().debug:
        return False
    if not manifest.exists():
        return True
    sources = [path for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*")]
    return any(path.stat().st_mtime > manifest.stat().st_mtime for path in sources)


def collect_static_files() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)


def seed_once(data: Path, seed: Callable[[], int]) -> int:
    """Runs `seed` where nobody has an account yet, or where seeding was cut off; 0, or its exit code.

    Demo people exist only with the emulator and DJANGO_DEBUG.
    """
    unfinished = data / "seeding"
    if not conf().is_demo or (User.objects.exists() and not unfinished.exists()):
        return 0
    unfinished.touch()
    if code := seed():
        return code
    unfinished.unlink()
    return 0
