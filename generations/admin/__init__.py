"""The admin for superusers; rows that stand for money or for a file can be read there, never changed."""

from generations.admin import accounts, audit, generations, limits, provider, sharing, site, spending, teams

__all__ = ["accounts", "audit", "generations", "limits", "provider", "sharing", "site", "spending", "teams"]
