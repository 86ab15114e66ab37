"""Names in the site's code as `module:name`, for tests that replace the object from outside."""

from functools import reduce
from importlib import import_module
from typing import Any


def found(place: str) -> tuple[Any, str]:
    """Return the owner and the name; raise AttributeError when the site has no such name any more."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = reduce(getattr, owners, import_module(module))
    getattr(owner, name)
    return owner, name
