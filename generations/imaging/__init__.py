"""Image bytes: the gate for what a provider sends, and the small pictures derived from what passed it."""

from generations.imaging.inspect import Inspected, inspect
from generations.imaging.thumbnails import WIDTHS, Derived, placeholder, thumbnail, thumbnails

__all__ = ["WIDTHS", "Derived", "Inspected", "inspect", "placeholder", "thumbnail", "thumbnails"]
