"""`manage.py restore FILE`: fill an empty site from a backup."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from generations.conf import conf
from generations.management.backup import database
from generations.management.backup.archive import DATABASE, PICTURES, SPOOL, Manifest, extract, verified
from generations.management.devserver.instance_lock import running_instance
from generations.models import Generation, PauseCause
from generations.pipeline.circuit_breaker import pauses
from generations.storage import files
from hidream_site.version import VERSION


class Command(BaseCommand):
    help = "Fill an empty database and an empty DATA_DIR from a backup."
    # There is no database to check yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")

    def handle(self, *, file: Path, **options: Any) -> None:
        data = conf().data_dir
        _require_empty_site(data)
        manifest = verified(file)
        _require_fitting(manifest)
        try:
            # In DATA_DIR, which has to have the room anyway.
            with tempfile.TemporaryDirectory(dir=data) as folder:
                dumped = Path(folder) / DATABASE
                extract(file, data, dumped)
                database.check(dumped)
                database.load(dumped)
        except OSError as error:
            raise CommandError(f"{data} cannot be written: {error.strerror}. Empty it, then restore again.") from None
        except CommandError as error:
            raise CommandError(f"{error} Empty {data}, then restore again.") from None
        files.make_private()
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except Exception:
            # Whatever went wrong in a migration, nothing is paused yet, and what was queued might be paid for twice.
            self.stderr.write(
                f"The backup could not be brought to this version. Do not start the site: empty {data} and the "
                f"database, then restore with version {manifest.version}."
            )
            raise
        self.stdout.write(f"Restored the backup of {manifest.made_at}: {len(manifest.files)} files.")
        self._pause(manifest)

    def _pause(self, manifest: Manifest) -> None:
        """Pause generation if something waits: since the backup it may have been made, and paid for."""
        count = Generation.objects.waiting().count()
        if not count:
            return
        reason = f"This site was restored from a backup of {manifest.made_at}. Look at the queue before you resume."
        pauses.pause(PauseCause.BY_HAND, reason)
        what = "1 picture was" if count == 1 else f"{count} pictures were"
        self.stdout.write(
            f"{what} queued or being generated then, and may have been paid for since. Generation is paused: cancel "
            "what is no longer wanted, then resume on /provider/."
        )


def _require_empty_site(data: Path) -> None:
    if found := running_instance(data):
        raise CommandError(f"The gallery in {data} is running (process {found[0]}). Stop it first.")
    kept = next((name for name in (SPOOL, *PICTURES) if any((data / name).glob("*"))), "")
    if kept or not database.is_empty():
        what = f"{data / kept} has files" if kept else "the database has tables"
        raise CommandError(
            f"A backup is restored into an empty site only, and {what}. Name another DATA_DIR and DATABASE_URL, or "
            "empty these (`make reset`, or a new database)."
        )


def _require_fitting(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise CommandError(
            f"The backup is of a {manifest.engine} database, and DATABASE_URL names {connection.vendor}. Restore it "
            "into a database of its own kind."
        )
    known = {".".join(one) for one in MigrationLoader(None).disk_migrations}
    if unknown := set(manifest.migrations) - known:
        raise CommandError(
            f"The backup is of version {manifest.version}, which is newer than this site's {VERSION}: {len(unknown)} "
            "of its migrations are not known here. Restore it with that version."
        )
