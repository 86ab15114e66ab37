"""A private emulator for each test: its ledger starts empty."""

import pytest

from generations.emulator import Emulator
from generations.schema import load
from tests.key import KEYS


@pytest.fixture
def emulator():
    with Emulator(load(), keys=KEYS, speed_up=10_000, rpm=100_000) as emulator:
        emulator.control.behaviour.change({"drawing": "plain"})
        yield emulator
