"""Files: pictures under stable names, and the spool of paid answers that the database has not heard of yet."""

from generations.storage import files, spool

__all__ = ["files", "spool"]
