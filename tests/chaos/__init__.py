"""Chaos runs: the site under kills, floods and provider faults, and a checker that compares three sets of records.

`python -m tests.chaos` (or `make chaos`) runs it; docs/chaos.md explains the output.
"""
