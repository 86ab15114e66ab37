"""The site under kills, floods and a provider in bad weather, and a checker that compares three books afterwards.

`python -m tests.chaos` (or `make chaos`) runs it; docs/chaos.md says how to read what it prints.
"""
