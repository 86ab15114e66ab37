"""Files: pictures under stable names, and the spool of paid answers that are not in the database yet."""

from generations.storage import files, spool

__all__ = ["files", "spool"]
