"""Segmind's HTTP on this machine: same routes, same refusals, its own ledger, pictures drawn from the words."""

from generations.emulator.account.books import Entry
from generations.emulator.control import Control
from generations.emulator.faults.faults import FAULTS
from generations.emulator.faults.weather import Weather, forecast
from generations.emulator.server import KEY, Emulator
from generations.emulator.state.behaviour import Behaviour
from generations.emulator.state.vendor import Request

__all__ = ["FAULTS", "KEY", "Behaviour", "Control", "Emulator", "Entry", "Request", "Weather", "forecast"]
