"""What a picture of each kind usually costs here; the vendor meters time, so its list price is a mean of all kinds."""

from collections import defaultdict
from decimal import Decimal
from statistics import median

from django.core.cache import cache

from generations.models import Attempt, AttemptState
from generations.schema import ParameterSchema

LATEST = 500
ENOUGH = 3
REMEMBER_SECONDS = 60

# Short names of size and speed.
Kind = tuple[str, str]


def usual_prices(model: str) -> dict[Kind, Decimal]:
    """US dollars: the median charge among the latest 500 pictures, for the kinds that were drawn thrice or more."""
    found: dict[Kind, Decimal] | None = cache.get(f"prices:{model}")
    if found is None:
        found = _from_history(model)
        cache.set(f"prices:{model}", found, REMEMBER_SECONDS)
    return found


def price_of_kind(model: ParameterSchema, size: str, speed: str) -> Decimal:
    """US dollars a picture is expected to cost: what it usually does, or the list price while that is not known."""
    return usual_prices(model.id).get((size, speed), model.list_price)


def _from_history(model: str) -> dict[Kind, Decimal]:
    charged = Attempt.objects.filter(state=AttemptState.STORED, cost_estimated=False, generation__model=model)
    rows = charged.order_by("-id").values_list("generation__size", "generation__speed", "cost")[:LATEST]
    costs: dict[Kind, list[Decimal]] = defaultdict(list)
    for size, speed, cost in rows:
        if cost is not None:
            costs[size, speed].append(cost)
    return {kind: median(values) for kind, values in costs.items() if len(values) >= ENOUGH}
