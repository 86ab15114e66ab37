"""Figures from past attempts: usual durations, and the provider's request ids."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils.translation import gettext as _

from generations import schema
from generations.models import Attempt
from generations.queries.site.latest_attempts import Kind, latest_attempts

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
        if self.low == self.high:
            return _("%(seconds)s s") % {"seconds": self.low}
        return _("%(low)s–%(high)s s") % {"low": self.low, "high": self.high}


def usual_duration(model: str, size: str, speed: str) -> DurationRange:
    """Return the range of one kind; see `usual_durations`."""
    return usual_durations(model, [(size, speed)])[size, speed]


def usual_durations(model: str, kinds: Collection[Kind]) -> dict[Kind, DurationRange]:
    """Return the range of the latest SAMPLE_SIZE pictures of each kind; below MIN_SAMPLES that of the schema's latency.

    One query for those that are not cached; cached for CACHE_SECONDS.
    """
    keys = {kind: f"usual:{model}:{':'.join(kind)}" for kind in kinds}
    known: dict[str, DurationRange] = cache.get_many(keys.values())
    unknown = [kind for kind, key in keys.items() if key not in known]
    if unknown:
        times = latest_attempts(
            model, unknown, SAMPLE_SIZE, "sent_at", "answered_at", sent_at__isnull=False, answered_at__isnull=False
        )
        listed = schema.is_known(model)
        new = {keys[kind]: _from_history(times[kind]) or _from_schema(listed, kind[1]) for kind in unknown}
        cache.set_many(new, CACHE_SECONDS)
        known |= new
    return {kind: known[key] for kind, key in keys.items()}


def _from_history(times: list[tuple[datetime, datetime]]) -> DurationRange | None:
    """Return the middle 80 % of the times of sending and answer."""
    if len(times) < MIN_SAMPLES:
        return None
    seconds = sorted((end - start).total_seconds() for start, end in times)
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
