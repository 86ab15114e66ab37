from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from generations import checks, triggers  # noqa: F401  (importing checks registers them)
from generations.storage import files


class GenerationsConfig(AppConfig):
    name = "generations"
    # The heading of the app's list in the admin.
    verbose_name = "Gallery"

    def ready(self) -> None:
        files.make_private()
        pre_migrate.connect(_keep_the_ledger_guarded, sender=self)
        post_migrate.connect(_guard_the_ledger, sender=self)


def _keep_the_ledger_guarded(sender: AppConfig, using: str, **kwargs: Any) -> None:
    triggers.keep_guarded(connections[using])


def _guard_the_ledger(sender: AppConfig, using: str, **kwargs: Any) -> None:
    triggers.install(connections[using])
