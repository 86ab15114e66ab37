"""Parameter schemas of hosted models, and the conversion of raw input to clean values."""

from generations.schema.catalogue import DEFAULT, get, is_known, load, read
from generations.schema.cheapest import cheapest_values
from generations.schema.coerce import UNKNOWN, body, clean
from generations.schema.fingerprint import fingerprint, prompt_group
from generations.schema.parameters import Option, Parameter, ParameterSchema, Value, Values

__all__ = [
    "DEFAULT",
    "UNKNOWN",
    "Option",
    "Parameter",
    "ParameterSchema",
    "Value",
    "Values",
    "body",
    "cheapest_values",
    "clean",
    "fingerprint",
    "get",
    "is_known",
    "load",
    "prompt_group",
    "read",
]  # fmt: skip
