"""Figures from past attempts: usual durations, and the provider's request ids."""

import uuid
from dataclasses import dataclass

from django.core.cache import cache

from generations import schema
from generations.models import Attempt, AttemptState, Generation, State

SAMPLE_SIZE = 50
MIN_SAMPLES = 5
CACHE_SECONDS = 30


@dataclass(frozen=True)
class DurationRange:
    """Seconds from sending to the answer.

    The middle 80 % of the site's own attempts, or the provider's mean ± 25 % while there are too few.
    """

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low} s" if self.low == self.high else f"{self.low}–{self.high} s"


def usual_duration(model: str, size: str, speed: str) -> DurationRange:
    """Return the range of the latest SAMPLE_SIZE pictures of this kind; below MIN_SAMPLES that of the schema's latency.

    Cached for CACHE_SECONDS.
    """
    key = f"usual:{model}:{size}:{speed}"
    found: DurationRange | None = cache.get(key)
    if found is None:
        found = _from_history(model, size, speed) or _from_schema(schema.is_known(model), speed)
        cache.set(key, found, CACHE_SECONDS)
    return found


def _from_history(model: str, size: str, speed: str) -> DurationRange | None:
    kind = Generation.objects.filter(model=model, size=size, speed=speed, state=State.DONE)
    latest = kind.order_by("-id").values("id")[:SAMPLE_SIZE]
    stored = Attempt.objects.of_this_provider().filter(generation__in=latest, state=AttemptState.STORED)
    times = stored.filter(answered_at__isnull=False).values_list("sent_at", "answered_at")
    seconds = sorted((end - start).total_seconds() for start, end in times if start and end)
    if len(seconds) < MIN_SAMPLES:
        return None
    low, high = seconds[len(seconds) // 10], seconds[-1 - len(seconds) // 10]
    return DurationRange(max(1, int(low)), max(1, round(high + 0.5)))


def _from_schema(model: schema.ParameterSchema, speed: str) -> DurationRange:
    seconds = model.mean_latency * _pace(model.by_role("speed"), speed)
    return DurationRange(max(1, int(seconds * 0.75)), max(1, round(seconds * 1.25)))


def _pace(parameter: schema.Parameter | None, speed: str) -> float:
    """Return how much longer this speed takes than the default one, to which the provider's mean latency refers."""
    chosen, usually = (parameter.option(one) if parameter else None for one in (speed, parameter and parameter.default))
    return chosen.seconds / usually.seconds if chosen and usually and chosen.seconds and usually.seconds else 1


def request_ids(ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return, by generation, the provider's id of the latest attempt that has one."""
    rows = Attempt.objects.filter(generation__in=ids).exclude(request_id="").order_by("number")
    return dict(rows.values_list("generation", "request_id"))
