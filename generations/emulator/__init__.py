"""Segmind's HTTP on this machine: same routes, same refusals, its own ledger, pictures drawn from the words."""

from generations.emulator.control import Control
from generations.emulator.server import KEY, Emulator

__all__ = ["KEY", "Control", "Emulator"]
