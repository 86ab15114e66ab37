"""Usual prices for each kind of picture.

The provider charges by generation time, so its list price is only a mean of all kinds.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.core.cache import cache

from generations import schema
from generations.models import PLACES, UsualPrice
from generations.queries.site.latest_attempts import latest_attempts
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
    """Return the price of every kind of this model; one query for those that are not cached."""
    return _remembered(model, price_keys(model))


def price_estimate(model: ParameterSchema, size: str, speed: str) -> Price:
    """Return the price of one kind; at most CACHE_SECONDS old."""
    return _remembered(model, [(size, speed)])[size, speed]


def expected_costs(model: ParameterSchema, kinds: Iterable[PriceKey]) -> dict[PriceKey, Decimal]:
    """Return the expected prices in US dollars: the usual price, or the list price while that is unknown."""
    return {kind: price.usual for kind, price in _remembered(model, kinds).items()}


def learned_prices(model: str, kinds: Collection[PriceKey]) -> dict[PriceKey, Price]:
    """Return the prices by the latest SAMPLE_SIZE pictures of each kind, without the kinds below MIN_SAMPLES.

    Estimated charges, charges without a picture, and those of another provider do not count.
    """
    charged = latest_attempts(model, kinds, SAMPLE_SIZE, "cost", cost_estimated=False, cost__isnull=False)
    return {kind: _price([cost for (cost,) in rows]) for kind, rows in charged.items() if len(rows) >= MIN_SAMPLES}


def changed_prices(limit: int) -> list[UsualPrice]:
    """Return the kinds for which a price change was reported, the latest first."""
    return list(UsualPrice.objects.filter(previous__isnull=False).order_by("-reported_at")[:limit])


def _remembered(model: ParameterSchema, asked: Iterable[PriceKey]) -> dict[PriceKey, Price]:
    keys = {kind: f"price:{model.id}:{':'.join(kind)}" for kind in asked}
    known: dict[str, Price] = cache.get_many(keys.values())
    unknown = [kind for kind, key in keys.items() if key not in known]
    if unknown:
        learned = learned_prices(model.id, unknown)
        new = {keys[kind]: learned.get(kind) or _listed(model) for kind in unknown}
        cache.set_many(new, CACHE_SECONDS)
        known |= new
    return {kind: known[key] for kind, key in keys.items()}


def _price(costs: list[Decimal]) -> Price:
    costs.sort()
    tenth = len(costs) // 10
    return Price(median(costs).quantize(PLACES), costs[tenth], costs[-1 - tenth], len(costs))


def _listed(model: ParameterSchema) -> Price:
    return Price(model.list_price, model.list_price, model.list_price)


def _names(parameter: schema.Parameter | None) -> list[str]:
    return [option.name for option in parameter.options] if parameter and parameter.options else [""]
