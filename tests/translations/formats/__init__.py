"""Formats of the made-up language."""
