"""`manage.py collectstatic`: Django's command, with files that every user of the machine may read."""

import os
from typing import Any

from django.contrib.staticfiles.management.commands import collectstatic


class Command(collectstatic.Command):
    def handle(self, **options: Any) -> str | None:
        """Let everyone read the files: another user may serve them than the one who collects them."""
        before = os.umask(0o022)
        try:
            return super().handle(**options)
        finally:
            os.umask(before)
