"""Conversion between the composer and the parameter grid form; nothing typed is lost."""

import re
from collections.abc import Iterable

from django.http import QueryDict

from generations.forms.parameter_grid import DO, GRID_PARAMETERS, PARAMETER_SETS, SEEDS, random_count
from generations.pipeline.worker.claim import MAX_SEED, seed_after
from generations.schema import Parameter, ParameterSchema
from generations.services.orders.submit import MAX_AT_ONCE

# The value of DO that fills a form without generating.
FILL = "fill"
# The same from the composer, and the grid is planned at once.
REVIEW = "review"
# A filled form is a new form, so it needs a new key.
OWN = ("client_key", DO)


def to_parameter_grid(model: ParameterSchema, data: QueryDict) -> QueryDict:
    """Return one ticked size and speed; a count with a chosen seed becomes the seeds it would count up."""
    filled = _without(data, OWN)
    for role, name in PARAMETER_SETS.items():
        if parameter := model.by_role(role):
            filled.setlist(name, [_said(filled, parameter) or _name(parameter)])
            filled.pop(parameter.name, None)
    count = (_text(filled, "count") or "1").strip()
    if parameter := model.by_role("seed"):
        filled[SEEDS] = _seeds(parameter, _text(filled, parameter.name).strip(), count)
        filled.pop(parameter.name, None)
    filled.pop("count", None)
    return filled


def to_composer(model: ParameterSchema, data: QueryDict) -> QueryDict:
    """Return the first of several sizes and speeds; consecutive seeds become a count that begins with the first."""
    filled = _without(data, [name for name in (*OWN, *GRID_PARAMETERS) if name != SEEDS])
    for role, name in PARAMETER_SETS.items():
        parameter, ticked = model.by_role(role), data.getlist(name)
        if parameter and ticked:
            filled[parameter.name] = ticked[0]
    seed, count = _batch(_text(filled, SEEDS).strip())
    if parameter := model.by_role("seed"):
        filled[parameter.name] = seed
    filled["count"] = count
    filled.pop(SEEDS, None)
    return filled


def _without(data: QueryDict, names: Iterable[str]) -> QueryDict:
    kept = data.copy()
    for name in names:
        kept.pop(name, None)
    return kept


def _text(data: QueryDict, name: str) -> str:
    return str(data.get(name, ""))


def _said(data: QueryDict, parameter: Parameter) -> str:
    """Return the short name of the choice; an invalid value is kept, so that its error names it."""
    text = _text(data, parameter.name).strip()
    option = parameter.option(text)
    return option.name if option else text


def _name(parameter: Parameter) -> str:
    option = parameter.option(parameter.default)
    return option.name if option else ""


def _seeds(parameter: Parameter, seed: str, count: str) -> str:
    if seed in {"", "-1"}:
        return "" if count == "1" else f"{count} random"
    high = MAX_SEED if parameter.maximum is None else int(parameter.maximum)
    whole = re.fullmatch(r"[0-9]{1,12}", seed) and int(seed) <= high
    if not whole or not re.fullmatch(r"[0-9]", count) or not 1 <= int(count) <= MAX_AT_ONCE:
        return seed
    return ", ".join(str(seed_after(int(seed), step, parameter)) for step in range(int(count)))


def _batch(seeds: str) -> tuple[str, str]:
    """Return seed and count that produce these seeds; if none do, the first seed alone."""
    if (count := random_count(seeds)) is not None:
        return "", str(count)
    words = [word for word in re.split(r"[\s,;]+", seeds) if word]
    if not words or not all(re.fullmatch(r"[0-9]{1,12}", word) for word in words):
        return seeds, "1"
    numbers = [int(word) for word in words]
    follow = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    return str(numbers[0]), str(len(numbers)) if follow and len(numbers) <= MAX_AT_ONCE else "1"
