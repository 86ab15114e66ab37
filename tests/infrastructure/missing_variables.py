"""A test fails when a template of the site asks for a variable that is not there; a page would show an empty place.

Django says so only in its log, at DEBUG, under the name of the outermost template.
"""

import logging
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from django.template.base import Node, Variable, VariableDoesNotExist

LOGGER = logging.getLogger("django.template")
TEMPLATES = Path(__file__).parents[2] / "templates"
# What a template may ask for in vain, as `template: variable`.
OPTIONAL: frozenset[str] = frozenset()


class MissingVariables(logging.Filter):
    """Collects `template: variable` for the templates in one folder, and keeps all of these lines out of the log."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.found: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        # Any other exception reaches the test by itself.
        if isinstance(error, VariableDoesNotExist) or getattr(error, "silent_variable_failure", False):
            variable, origin = asked_for()
            if origin.is_relative_to(self.folder):
                self.found.add(f"{origin.relative_to(self.folder)}: {variable}")
        return record.levelno > logging.DEBUG


def asked_for() -> tuple[str, Path]:
    """Return the variable that is being looked up, and the file whose tag asks for it."""
    frame, variable = sys._getframe(), ""
    while frame := frame.f_back:
        owner = frame.f_locals.get("self")
        if isinstance(owner, Variable):
            variable = str(owner)
        elif isinstance(owner, Node):
            return variable, Path(str(owner.origin))
    return variable, Path()


MISSING = MissingVariables(TEMPLATES)


def pytest_configure() -> None:
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.addFilter(MISSING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Fail a test that passes otherwise; what its fixtures rendered counts too."""
    try:
        result = yield
        if missing := sorted(MISSING.found - OPTIONAL):
            pytest.fail("templates ask for variables that are not there:\n" + "\n".join(missing), pytrace=False)
        return result
    finally:
        MISSING.found.clear()
