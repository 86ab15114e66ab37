"""Pictures drawn by Pillow alone, decided by the prompt's words and the seed."""

from generations.emulator.drawing.composition import compose, mark

__all__ = ["compose", "mark"]
