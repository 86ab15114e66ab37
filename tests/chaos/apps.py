"""A run lasts a minute, so what the site waits for minutes is shortened here, from outside."""

from datetime import timedelta
from typing import Any

from django.apps import AppConfig

from tests.places import found

SHORT: dict[str, Any] = {
    "generations.pipeline.recover:PATIENCE": timedelta(seconds=1),
    "generations.pipeline.recover:RING_AGAIN": timedelta(seconds=3),
    "generations.pipeline.downloads:FIRST_PAUSE": timedelta(seconds=0.05),
    "generations.pipeline.downloads:IN_PROGRESS": timedelta(seconds=6),
    "generations.providers.account:DOWNLOAD_SECONDS": 3.0,
    "generations.pipeline.housekeeping:RING_AGAIN": timedelta(seconds=3),
    "generations.pipeline.claim:LONGEST_DELAY": 3,
    "generations.pipeline.outcomes:LONGEST_DELAY": 3,
    "generations.pipeline.pauses:LONGEST_BETWEEN_CALLS": 3.0,
    "generations.pipeline.probes:HOUR": timedelta(seconds=2),
    "generations.pipeline.lookup:LONGEST_BETWEEN": 3.0,
    "generations.management.sweeper.jobs:HOUR": 2.0,
    "generations.management.sweeper.rounds:CLEAN_UP_SECONDS": 2.0,
    # The age from which a half-written file is taken for abandoned.
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
