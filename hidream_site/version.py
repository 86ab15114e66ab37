"""The version of this site, the same as in pyproject.toml."""

VERSION = "0.2.0"
