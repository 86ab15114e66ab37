"""Remembering that a picture was taken along: it counts as kept. The one thing of the site that a GET notes."""

import uuid
from collections.abc import Iterable

from django.db.models.functions import Now

from generations.models import Generation

BATCH_SIZE = 500


def record_downloads(ids: Iterable[uuid.UUID]) -> None:
    """The first time of each stays."""
    left = list(ids)
    while left:
        some, left = left[:BATCH_SIZE], left[BATCH_SIZE:]
        Generation.objects.filter(id__in=some, downloaded_at=None).update(downloaded_at=Now())
