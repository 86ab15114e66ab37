"""Names in the site's code as `module:name`, for tests that change from outside what stands there."""

from functools import reduce
from importlib import import_module
from typing import Any


def found(place: str) -> tuple[Any, str]:
    """The owner and the name. Raises AttributeError when the site has no such name any more."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = reduce(getattr, owners, import_module(module))
    getattr(owner, name)
    return owner, name
