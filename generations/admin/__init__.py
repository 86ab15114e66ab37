"""Windows on the data for superusers; what stands for money or for a file is read here, never written."""

from generations.admin import audit, limits, money, people, pictures, provider, sharing, site, teams

__all__ = ["audit", "limits", "money", "people", "pictures", "provider", "sharing", "site", "teams"]
