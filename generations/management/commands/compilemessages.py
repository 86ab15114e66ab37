from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from generations.management.messages import catalogues


class Command(BaseCommand):
    help = "Compile the catalogues of translations that have changed."

    def handle(self, **options: Any) -> None:
        for path, left_out in catalogues.compile_all(settings.LOCALE_PATHS[0]).items():
            self.stdout.write(f"Compiled {path}")
            for message in left_out:
                self.stderr.write(f"  Left in English, because its translation names other values: {message}")
