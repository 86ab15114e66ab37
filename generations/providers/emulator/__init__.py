"""Segmind's HTTP on this machine: same routes, same refusals, its own ledger, pictures drawn from the words."""

from generations.providers.emulator.behaviour import Behaviour
from generations.providers.emulator.books import Entry
from generations.providers.emulator.control import Control
from generations.providers.emulator.faults import FAULTS
from generations.providers.emulator.server import KEY, Emulator
from generations.providers.emulator.vendor import Request
from generations.providers.emulator.weather import Weather, forecast

__all__ = ["FAULTS", "KEY", "Behaviour", "Control", "Emulator", "Entry", "Request", "Weather", "forecast"]
