"""`manage.py collectstatic`: Django's own, for files that everybody may read."""

import os
from typing import Any

from django.contrib.staticfiles.management.commands import collectstatic


class Command(collectstatic.Command):
    def handle(self, **options: Any) -> str | None:
        """Style sheets are no secret, and the user that serves them may be another than the one that collects them."""
        before = os.umask(0o022)
        try:
            return super().handle(**options)
        finally:
            os.umask(before)
