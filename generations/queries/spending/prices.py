"""Usual prices for each kind of picture.

The provider charges by generation time, so its list price is only a mean of all kinds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.core.cache import cache

from generations import schema
from generations.models import PLACES, Attempt, AttemptState, Generation, State, UsualPrice
from generations.schema import ParameterSchema

SAMPLE_SIZE = 200
# Pictures of a kind that are needed before its price counts as known.
MIN_SAMPLES = 5
CACHE_SECONDS = 60

# Short names of size and speed.
PriceKey = tuple[str, str]


@dataclass(frozen=True)
class Price:
    """Price of one picture in US dollars.

    `usual` is the median of `pictures` charges, `low` and `high` enclose the middle 80 % of them. All three are the
    list price if `pictures` is 0.
    """

    usual: Decimal
    low: Decimal
    high: Decimal
    pictures: int = 0


def price_keys(model: ParameterSchema) -> list[PriceKey]:
    """Return every pair of size and speed in the schema; an empty name where the schema has no such parameter."""
    sizes, speeds = (_names(model.by_role(role)) for role in ("size", "speed"))
    return [(size, speed) for size in sizes for speed in speeds]


def price_estimates(model: ParameterSchema) -> dict[PriceKey, Price]:
    """Return the price of every kind of this model; uncached kinds take one small query each."""
    return _remembered(model, price_keys(model))


def price_estimate(model: ParameterSchema, size: str, speed: str) -> Price:
    """Return the price of one kind; at most CACHE_SECONDS old."""
    return _remembered(model, [(size, speed)])[size, speed]


def expected_costs(model: ParameterSchema, kinds: Iterable[PriceKey]) -> dict[PriceKey, Decimal]:
    """Return the expected prices in US dollars: the usual price, or the list price while that is unknown."""
    return {kind: price.usual for kind, price in _remembered(model, kinds).items()}


def learned_price(model: str, kind: PriceKey) -> Price | None:
    """Return the price by the latest SAMPLE_SIZE pictures of this kind; None below MIN_SAMPLES.

    Estimated charges, charges without a picture, and those of another provider do not count.
    """
    rows = Generation.objects.filter(model=model, size=kind[0], speed=kind[1], state=State.DONE)
    latest = rows.order_by("-id").values("id")[:SAMPLE_SIZE]
    charged = Attempt.objects.of_this_provider().filter(
        generation__in=latest, state=AttemptState.STORED, cost_estimated=False
    )
    costs = sorted(cost for cost in charged.values_list("cost", flat=True) if cost is not None)
    if len(costs) < MIN_SAMPLES:
        return None
    tenth = len(costs) // 10
    return Price(median(costs).quantize(PLACES), costs[tenth], costs[-1 - tenth], len(costs))


def changed_prices(limit: int) -> list[UsualPrice]:
    """Return the kinds for which a price change was reported, the latest first."""
    return list(UsualPrice.objects.filter(before__isnull=False).order_by("-told_at")[:limit])


def _remembered(model: ParameterSchema, asked: Iterable[PriceKey]) -> dict[PriceKey, Price]:
    keys = {kind: f"price:{model.id}:{':'.join(kind)}" for kind in asked}
    known: dict[str, Price] = cache.get_many(keys.values())
    new = {keys[kind]: learned_price(model.id, kind) or _listed(model) for kind in keys if keys[kind] not in known}
    if new:
        cache.set_many(new, CACHE_SECONDS)
    return {kind: (known | new)[key] for kind, key in keys.items()}


def _listed(model: ParameterSchema) -> Price:
    return Price(model.list_price, model.list_price, model.list_price)


def _names(parameter: schema.Parameter | None) -> list[str]:
    return [option.name for option in parameter.options] if parameter and parameter.options else [""]
