"""Waiting times of the site, which are minutes, shortened from outside for runs of a minute."""

from datetime import timedelta
from typing import Any

from django.apps import AppConfig

from tests.places import found

SHORT: dict[str, Any] = {
    "generations.pipeline.recovery.recover:ENQUEUE_AFTER": timedelta(seconds=1),
    "generations.pipeline.recovery.recover:REDELIVER_AFTER": timedelta(seconds=3),
    "generations.pipeline.worker.downloads:FIRST_PAUSE": timedelta(seconds=0.05),
    "generations.pipeline.worker.downloads:IN_PROGRESS": timedelta(seconds=6),
    "generations.providers.account:DOWNLOAD_SECONDS": 3.0,
    "generations.pipeline.recovery.thumbnails:REDELIVER_AFTER": timedelta(seconds=3),
    "generations.pipeline.worker.claim:MAX_DELAY_SECONDS": 3,
    "generations.pipeline.worker.outcomes:MAX_DELAY_SECONDS": 3,
    "generations.pipeline.circuit_breaker.pauses:MAX_PROBE_INTERVAL_SECONDS": 3.0,
    "generations.pipeline.circuit_breaker.probes:HOUR": timedelta(seconds=2),
    "generations.pipeline.reconciliation.history_fetch:MAX_INTERVAL_SECONDS": 3.0,
    "generations.management.sweeper.jobs:HOUR": 2.0,
    "generations.management.sweeper.rounds:CLEAN_UP_SECONDS": 2.0,
    # The age from which a partial file counts as abandoned.
    "generations.storage.spool:salvage.__defaults__": (5.0,),
}


class ShortWaits(AppConfig):
    name = "tests.chaos"
    label = "chaos"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        for place, value in SHORT.items():
            replace(place, value)


def replace(place: str, value: object) -> None:
    setattr(*found(place), value)
