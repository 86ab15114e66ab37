import pytest

from tests.factories import draw
from tests.threats.addresses import make_world


@pytest.fixture
def plain_emulator(emulator):
    """Return the emulator with plain pictures, since nobody looks at them here."""
    emulator.control.update({"drawing": "plain"})
    yield emulator
    emulator.control.update({"drawing": "full"})


@pytest.fixture
def picture(bob, team, plain_emulator):
    return draw(bob, team)


@pytest.fixture
def world(alice, bob, team, picture):
    return make_world(alice, bob, team, picture)
