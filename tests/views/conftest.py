"""Pages do not care what a picture shows."""

import pytest


@pytest.fixture
def emulator(emulator):
    """Draws flat pictures, in a third of the time."""
    emulator.control.update({"drawing": "plain"})
    yield emulator
    emulator.control.update({"drawing": "full"})
