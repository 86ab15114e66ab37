from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy

from generations import checks, triggers  # noqa: F401  (importing checks registers them)
from generations.storage import files


class GenerationsConfig(AppConfig):
    name = "generations"
    # The heading of the app's list in the admin.
    verbose_name = gettext_lazy("Gallery")

    def ready(self) -> None:
        _make_names_translatable(self)
        files.make_private()
        pre_migrate.connect(_keep_the_ledger_guarded, sender=self)
        post_migrate.connect(_guard_the_ledger, sender=self)


def _make_names_translatable(app: AppConfig) -> None:
    """Let names that Django derives from classes and fields be translated; the migrations do not hold them."""
    for model in app.get_models():
        meta = model._meta
        names = str(meta.verbose_name), str(meta.verbose_name_plural)
        meta.verbose_name, meta.verbose_name_plural = (gettext_lazy(name) for name in names)
        for field in meta.local_fields + meta.local_many_to_many:
            name = str(field.verbose_name)
            field.verbose_name = gettext_lazy(name)


def _keep_the_ledger_guarded(sender: AppConfig, using: str, **kwargs: Any) -> None:
    triggers.keep_guarded(connections[using])


def _guard_the_ledger(sender: AppConfig, using: str, **kwargs: Any) -> None:
    triggers.install(connections[using])
