"""`manage.py backup FILE`: everything that cannot be made again, in one file, while the site goes on."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from generations.conf import conf
from generations.management.backup import database
from generations.management.backup.archive import DATABASE, PICTURES, SPOOL, Manifest, Writer, verified
from generations.management.devserver.instance_lock import SECRET_KEY_FILE
from generations.storage import files
from hidream_site.version import VERSION


class Command(BaseCommand):
    help = "Write the database, the pictures and the spool to a file and read it again; the site may be running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, such as gallery-2026-11-30.tar")

    def handle(self, *, file: Path, **options: Any) -> None:
        target = file.resolve()
        if target.exists():
            raise CommandError(f"{target} exists already, and is left as it is. Name another file.")
        part = target.with_name(f"{target.name}.part")
        try:
            self._write(part)
            manifest = verified(part)
            part.rename(target)
            files.sync_folder(target.parent)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}. Nothing was kept.") from None
        finally:
            part.unlink(missing_ok=True)
        self._report(target, manifest)

    def _write(self, part: Path) -> None:
        """Write the spool, the database, and then the files that its rows name: they are there before their rows are.

        An answer that leaves the spool meanwhile is in the first look at it, one that comes in the second.
        """
        data = conf().data_dir
        with part.open("wb") as file, tempfile.TemporaryDirectory(dir=part.parent) as folder:
            dumped = Path(folder) / DATABASE
            writer = Writer(file, _manifest())
            writer.add_folder(data, SPOOL)
            database.dump(dumped)
            database.check(dumped)
            writer.add(DATABASE, dumped)
            for name in (SPOOL, *PICTURES):
                writer.add_folder(data, name)
            writer.finish()
            file.flush()
            os.fsync(file.fileno())

    def _report(self, target: Path, manifest: Manifest) -> None:
        pictures = sum(name.startswith("originals/") for name in manifest.files)
        self.stdout.write(
            f"{target}: the database, {pictures} pictures and {len(manifest.files) - pictures - 1} other files, "
            f"{manifest.bytes / 1_000_000:,.1f} MB. Read again, and complete."
        )
        # `make run` makes its own key where none is named.
        key = conf().data_dir / SECRET_KEY_FILE
        settings = f"{key} and other settings" if key.exists() else ".env and other settings"
        self.stdout.write(f"Not in it: {settings}. Keep them elsewhere; the secret key opens the second factors.")


def _manifest() -> Manifest:
    applied = sorted(".".join(one) for one in MigrationRecorder(connection).applied_migrations())
    return Manifest(datetime.now(UTC).isoformat(timespec="seconds"), VERSION, connection.vendor, applied)
