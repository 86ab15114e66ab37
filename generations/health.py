"""Readiness of this process: each probe returns a sentence about a failure, empty when all is well."""

import os
import uuid

from django.db import Error, InterfaceError, InternalError, OperationalError, connection

from generations import limiter
from generations.conf import conf
from generations.models import Generation
from generations.queries.orders.queue import oldest_queued
from generations.storage import files

NOBODY = uuid.UUID(int=0)
# PostgreSQL's code for a write to a database that takes none: a standby, or default_transaction_read_only.
READ_ONLY = "25006"


def database() -> str:
    """Ask the database, and let it write to no row, which a read-only one refuses."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            oldest_queued()
        Generation.objects.filter(id=NOBODY).update(reason="")
    except Error as error:
        return f"the database doesn't respond, or is read-only: {type(error).__name__}"
    return ""


def storage() -> str:
    if not os.access(conf().data_dir, os.W_OK):
        return "the data folder isn't writable"
    if files.is_full():
        return f"the disk of the data folder is almost full: {files.free_bytes() / 1_000_000:.0f} MB free"
    return ""


def redis() -> str:
    return "" if limiter.answers() else "Redis doesn't respond"


# Redis is not among them: without it pages work and generations stay queued, so a site stays in service.
PROBES = {"database": database, "storage": storage}


def is_unavailable(error: Exception) -> bool:
    """Return whether the error says that the database is away, busy for longer than its time-out, or read-only."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", "") == READ_ONLY
