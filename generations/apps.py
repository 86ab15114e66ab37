from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from generations import checks, triggers  # noqa: F401  (importing checks registers them)


class GenerationsConfig(AppConfig):
    name = "generations"

    def ready(self) -> None:
        post_migrate.connect(_guard_the_ledger, sender=self)


def _guard_the_ledger(sender: AppConfig, using: str, **kwargs: Any) -> None:
    triggers.install(connections[using])
