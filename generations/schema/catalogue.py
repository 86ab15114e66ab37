"""The models that this site offers: one JSON file each in the folder `models`."""

import json
from functools import cache
from pathlib import Path

from generations.errors import SchemaError
from generations.schema.parameters import ParameterSchema, parse

FOLDER = Path(__file__).parent / "models"
DEFAULT = "hidream-l1-fast"


def read(path: Path) -> ParameterSchema:
    """Return the schema of a file. Raises SchemaError that names the file."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")))
    # A file of another shape fails where the parser first misses something: no object, no key, no number.
    except (SchemaError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise SchemaError(f"{path.name} is not a usable parameter schema: {error}") from error


@cache
def load(folder: Path = FOLDER) -> dict[str, ParameterSchema]:
    """Return every schema of the folder by its id."""
    schemas = [read(path) for path in sorted(folder.glob("*.json"))]
    return {schema.id: schema for schema in schemas}


def get(model: str = DEFAULT) -> ParameterSchema:
    """Return the schema of a model. Raises SchemaError when no file describes it."""
    try:
        return load()[model]
    except KeyError:
        raise SchemaError(f"No schema describes the model {model!r}; known: {', '.join(load())}.") from None


def is_known(model: str) -> ParameterSchema:
    """Return the schema of a model, or the default's for an unknown name, such as one from an old address."""
    return load().get(model) or get()
