"""What of the composer a preset keeps, and the form values that it fills in."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from generations import schema
from generations.forms.composer import GenerationCountField

# What changes from picture to picture is no part of a preset, nor is who sees it: that would change unseen.
LEFT_OUT = {"prompt", "seed"}


def values_to_keep(model: schema.ParameterSchema, data: Mapping[str, str]) -> dict[str, str]:
    """Return the values that a preset keeps, of a sent composer or stored; what the model does not know is left out."""
    kept = [parameter for parameter in model.parameters if parameter.shown and parameter.role not in LEFT_OUT]
    raw = {one.name: data[one.name] for one in kept if one.name in data}
    values, errors = schema.clean(model, raw)
    found = {name: str(values[name]) for name in raw if name in values and name not in errors}
    count = str(data.get("count", ""))
    return found | ({"count": count} if GenerationCountField.allows(count) else {})


def facts(model: schema.ParameterSchema | None, values: Mapping[str, str]) -> str:
    """Return the chosen options in words."""
    if model is None:
        return ""
    options = (parameter.option(values.get(parameter.name)) for parameter in model.parameters if parameter.options)
    return " · ".join(_(option.label) for option in options if option)
