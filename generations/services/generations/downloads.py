"""Recording of downloads: a downloaded picture counts as kept. The only state change made by a GET."""

import uuid
from collections.abc import Iterable

from django.db.models.functions import Now

from generations.models import Generation

BATCH_SIZE = 500


def record_downloads(ids: Iterable[uuid.UUID]) -> None:
    """Record the time of download; a picture downloaded before keeps its first time."""
    left = list(ids)
    while left:
        some, left = left[:BATCH_SIZE], left[BATCH_SIZE:]
        Generation.objects.filter(id__in=some, downloaded_at=None).update(downloaded_at=Now())
