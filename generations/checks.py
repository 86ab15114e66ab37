"""What is wrong with this installation, said at the start with a way out."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from generations import schema, triggers
from generations.conf import conf
from generations.errors import SchemaError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@register(Tags.compatibility)
def schemas_are_usable(**kwargs: Any) -> list[CheckMessage]:
    try:
        schema.load()
    except SchemaError as error:
        return [Error(error.message, hint="Compare it with hidream-l1-fast.json.", id="generations.E001")]
    return []


@register(Tags.security)
def provider_is_reached_safely(**kwargs: Any) -> list[CheckMessage]:
    addresses = {conf().history_url: "SEGMIND_HISTORY_URL", conf().base_url: "SEGMIND_BASE_URL"}
    hint = "Use https; plain http is accepted for this machine only, since the API key travels with each call."
    return [
        Error(f"{name} is {address!r}.", hint=hint, id="generations.E002")
        for address, name in addresses.items()
        if not _is_safe(address)
    ]


def _is_safe(address: str) -> bool:
    url = urlsplit(address)
    return url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)


@register(Tags.files)
def data_folder_is_writable(**kwargs: Any) -> list[CheckMessage]:
    if os.access(conf().data_dir, os.W_OK):
        return []
    hint = "Give the site's user the right to write there, or set DATA_DIR to another folder."
    return [Error(f"DATA_DIR {conf().data_dir} cannot be written.", hint=hint, id="generations.E003")]


@register(Tags.database)
def ledger_is_guarded(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    missing = [alias for alias in databases or [] if not triggers.are_in_place(connections[alias])]
    hint = "Run manage.py migrate --skip-checks: it puts them back."
    sentence = "The triggers that keep ledger entries from being changed are missing."
    return [Error(sentence, hint=hint, obj=alias, id="generations.E004") for alias in missing]


@register(Tags.security)
def debug_stays_at_home(**kwargs: Any) -> list[CheckMessage]:
    host = settings.SITE_ADDRESS.rpartition(":")[0]
    if not conf().debug or host in LOOPBACK:
        return []
    hint = "Set DJANGO_DEBUG=0, or HOST=127.0.0.1."
    return [
        Warning(
            f"HOST is {host} while DJANGO_DEBUG is on: tracebacks would be shown to the network.",
            hint=hint,
            id="generations.W001",
        )
    ]
