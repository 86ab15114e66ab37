"""A private emulator for each test: its books start empty."""

import pytest

from generations.emulator import Emulator
from generations.schema import load
from tests.key import KEYS


@pytest.fixture
def vendor():
    with Emulator(load(), keys=KEYS, speed_up=10_000, rpm=100_000) as emulator:
        emulator.control.behaviour.change({"drawing": "plain"})
        yield emulator
