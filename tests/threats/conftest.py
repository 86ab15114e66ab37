import pytest

from tests.factories import draw
from tests.threats.addresses import make_world


@pytest.fixture
def picture(bob, team, emulator):
    return draw(bob, team)


@pytest.fixture
def world(alice, bob, team, picture):
    return make_world(alice, bob, team, picture)
