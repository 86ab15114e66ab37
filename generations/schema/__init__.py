"""What may be asked of a hosted model: its parameter schema, and how raw input becomes clean values."""

from generations.schema.catalogue import DEFAULT, get, known, load, read
from generations.schema.coerce import UNKNOWN, body, clean
from generations.schema.fingerprint import family, fingerprint
from generations.schema.parameters import Option, Parameter, ParameterSchema, Value, Values

__all__ = [
    "DEFAULT", "UNKNOWN", "Option", "Parameter", "ParameterSchema", "Value", "Values",
    "body", "clean", "family", "fingerprint", "get", "known", "load", "read",
]  # fmt: skip
