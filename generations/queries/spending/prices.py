"""What a picture of each kind usually costs here; the vendor meters time, so its list price is a mean of all kinds."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.core.cache import cache

from generations import schema
from generations.models import PLACES, Attempt, AttemptState, Generation, State, UsualPrice
from generations.schema import ParameterSchema

SAMPLE_SIZE = 200
# Pictures of a kind until its price counts as known.
MIN_SAMPLES = 5
CACHE_SECONDS = 60

# Short names of size and speed.
PriceKey = tuple[str, str]


@dataclass(frozen=True)
class Price:
    """US dollars for one picture: the median of what so many of its kind were charged, between which figures eight
    tenths of them lie; the list price where `pictures` is 0.
    """

    usual: Decimal
    low: Decimal
    high: Decimal
    pictures: int = 0


def price_keys(model: ParameterSchema) -> list[PriceKey]:
    """Every pair of a size and a speed that the schema offers; an empty name where it has no such choice."""
    sizes, speeds = (_names(model.by_role(role)) for role in ("size", "speed"))
    return [(size, speed) for size in sizes for speed in speeds]


def price_estimates(model: ParameterSchema) -> dict[PriceKey, Price]:
    """Of every kind of this model: one small query each, a minute at most."""
    return _remembered(model, price_keys(model))


def price_estimate(model: ParameterSchema, size: str, speed: str) -> Price:
    return _remembered(model, [(size, speed)])[size, speed]


def expected_cost(model: ParameterSchema, size: str, speed: str) -> Decimal:
    """US dollars a picture is expected to cost: what it usually does, or the list price while that is not known."""
    return price_estimate(model, size, speed).usual


def learned_price(model: str, kind: PriceKey) -> Price | None:
    """From the latest 200 pictures of this kind, as they are now; None while there are too few. Estimates, what
    was charged without a picture, and what another provider charged do not count.
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
    """The kinds whose price was told to have moved, the latest first."""
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
