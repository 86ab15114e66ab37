"""The cheapest picture of a model."""

from generations.schema.coerce import clean
from generations.schema.parameters import ParameterSchema, Values


def cheapest_values(model: ParameterSchema, prompt: str, seed: int | None = None) -> Values:
    """Return clean values for the smallest and fastest picture of a model; without a seed, its default.

    Raises ValueError when the model's own schema refuses them.
    """
    size, speed = model.by_role("size"), model.by_role("speed")
    smallest = min(size.options, key=lambda option: option.width * option.height) if size else None
    fastest = min(speed.options, key=lambda option: option.seconds) if speed else None
    wanted = {"prompt": prompt, "seed": seed, "size": smallest and smallest.value, "speed": fastest and fastest.value}
    raw = {
        parameter.name: value
        for role, value in wanted.items()
        if value is not None and (parameter := model.by_role(role)) is not None
    }
    values, errors = clean(model, raw)
    if errors:
        raise ValueError(f"The cheapest picture does not fit the schema of {model.title}: {errors}")
    return values
