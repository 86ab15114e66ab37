"""Files: pictures under stable names, marked copies of them, and the spool of paid answers that the database has not
heard of yet."""

from generations.storage import copies, files, spool

__all__ = ["copies", "files", "spool"]
