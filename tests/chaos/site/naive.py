"""The negative control: a task as tutorials write it, which must lose and duplicate pictures where the site does not.

Nothing in it is good practice: the state is written at the end, every error is retried, and the message is acknowledged
last.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import requests
from celery import shared_task
from django.conf import settings
from django.db import Error, connection, models
from kombu.exceptions import OperationalError

from generations import schema
from generations.pipeline.worker.claim import draw_seed
from tests.chaos.checks.books import Generation, Image, Site
from tests.chaos.checks.reading import sha256
from tests.chaos.site.gallery import values, workers
from tests.chaos.site.processes import Process
from tests.chaos.site.stage import Stage

FINAL = ("done", "failed")


class Picture(models.Model):
    """A picture; its table is created by the run, without a migration."""

    prompt = models.TextField(unique=True)
    body = models.JSONField()
    state = models.CharField(max_length=10, default="waiting")
    path = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Picture"]] = models.Manager()

    class Meta:
        app_label = "chaos"

    def __str__(self) -> str:
        return f"{self.prompt} ({self.state})"


@shared_task(name="chaos.draw", acks_late=True, autoretry_for=(Exception,), retry_backoff=True, max_retries=3)
def draw(picture_id: int) -> None:
    picture = Picture.objects.get(id=picture_id)
    picture.state = "drawing"
    picture.save()
    answer = requests.post(
        f"{settings.SEGMIND_BASE_URL}/v1/{schema.get().slug}",
        json=picture.body,
        headers={"x-api-key": settings.SEGMIND_API_KEY},
        timeout=settings.SEGMIND_TIMEOUT,
    )
    answer.raise_for_status()
    path = Path(settings.DATA_DIR) / "originals" / f"{picture.pk}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(answer.content)
    picture.path = f"originals/{path.name}"
    picture.state = "done"
    picture.save()


class Textbook:
    """The naive task as a Shop."""

    silence = 20.0  # no retry comes later than the four seconds of the last backoff
    busy = (Error, OperationalError)

    def processes(self, stage: Stage) -> Sequence[Process]:
        return workers(stage)

    def open(self) -> None:
        with connection.schema_editor() as editor:
            editor.create_model(Picture)

    def is_ready(self) -> bool:
        return True

    def order(self, number: int, prompt: str) -> None:
        body: dict[str, Any] = schema.body(schema.get(), {**values(number, prompt), "seed": draw_seed()})
        picture, _ = Picture.objects.get_or_create(prompt=prompt, defaults={"body": body})
        draw.delay(picture.pk)

    def waiting(self) -> dict[str, int]:
        return {"pictures that are not done": Picture.objects.exclude(state__in=FINAL).count()}

    def books(self) -> Site:
        """Return the rows; there are no records of calls and costs to compare."""
        rows = list(Picture.objects.order_by("id").values_list("id", "prompt", "state", "path"))
        return Site(
            tuple(Generation(str(id), sha256(prompt.encode()), STATES[state]) for id, prompt, state, _ in rows),
            images=tuple(Image(str(id), "", path, "") for id, _, _, path in rows if path),
        )


STATES = {"waiting": "queued", "drawing": "running", "done": "done", "failed": "failed"}
