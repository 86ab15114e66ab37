import pytest

from tests.factories import draw


@pytest.fixture
def picture(alice, team, emulator):
    return draw(alice, team)
