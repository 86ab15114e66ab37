"""Readiness of this process: each probe returns a sentence about a failure, empty when all is well."""

import os

from django.db import Error, connection

from generations.conf import conf
from generations.queries.orders.queue import oldest_queued


def database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            oldest_queued()
    except Error as error:
        return f"the database does not answer: {type(error).__name__}"
    return ""


def storage() -> str:
    folder = conf().data_dir
    return "" if os.access(folder, os.W_OK) else "the data folder cannot be written"


# Redis is not among them: without it pages work and generations stay queued, so a site stays in service.
PROBES = {"database": database, "storage": storage}
