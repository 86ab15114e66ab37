"""Start-up checks of the installation, each with a hint how to fix it."""

import os
import stat
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from generations import schema, triggers
from generations.conf import conf
from generations.errors import CannotSign, SchemaError
from generations.imaging import Mark, ends_at, is_valid, signed
from generations.providers.gateway import is_emulator
from generations.storage.certificate import credentials
from hidream_site.hosts import LOOPBACK_HOSTS
from hidream_site.languages import is_compiled

FIRST_MIGRATION = "0001_initial_release"
# A warning is shown this many days before a certificate expires.
EXPIRY_WARNING_DAYS = 30
NOT_SIGNING = "Install c2pa-python 0.38.1, as docs/provenance.md says, and look at both files."
ONE_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636000000002000148afa4710000000049454e44ae426082"
)


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
    host = url.hostname or ""
    may_be_plain = host in LOOPBACK_HOSTS or is_emulator(host, conf().api_key)
    return url.scheme == "https" or (url.scheme == "http" and may_be_plain)


@register(Tags.files)
def data_folder_is_writable(**kwargs: Any) -> list[CheckMessage]:
    if os.access(conf().data_dir, os.W_OK):
        return []
    hint = "Give the site's user the right to write there, or set DATA_DIR to another folder."
    return [Error(f"DATA_DIR {conf().data_dir} cannot be written.", hint=hint, id="generations.E003")]


@register(Tags.security)
def data_folder_is_private(**kwargs: Any) -> list[CheckMessage]:
    """Warn about a data folder that others can read.

    The site makes its own folder private at the start; the folder of another user it can only report.
    """
    mode = stat.S_IMODE(conf().data_dir.stat().st_mode)
    if not mode & 0o007:
        return []
    sentence = f"DATA_DIR {conf().data_dir} can be read by other users of this machine (mode {mode:04o})."
    hint = "Give the folder to the site's user, or set DATA_DIR to a folder of its own."
    return [Warning(sentence, hint=hint, id="generations.W020")]


@register(Tags.database)
def database_is_of_a_release(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a database from before the first release: `migrate` runs this check first, and leaves it as it is."""
    hint = (
        "Begin with an empty one: `make reset` deletes the data of `make run`, or set DATABASE_URL and DATA_DIR anew."
    )
    return [
        Error("This database is from before release 0.1.0 and cannot be upgraded.", hint=hint, id="generations.E012")
        for alias in databases or []
        if is_from_before_the_first_release(alias)
    ]


def is_from_before_the_first_release(alias: str) -> bool:
    applied = {name for app, name in MigrationRecorder(connections[alias]).applied_migrations() if app == "generations"}
    return bool(applied) and FIRST_MIGRATION not in applied


@register(Tags.database)
def ledger_is_guarded(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Report missing triggers, unless migrations are pending: `migrate` runs this check first, and creates new ones."""
    missing = [
        alias
        for alias in databases or []
        if not triggers.are_in_place(connections[alias]) and not _has_pending_migrations(alias)
    ]
    hint = "Run manage.py migrate --skip-checks: it puts them back."
    sentence = (
        "Triggers that keep ledger entries, signed months and explanations of discrepancies as they are, are missing."
    )
    return [Error(sentence, hint=hint, obj=alias, id="generations.E004") for alias in missing]


def _has_pending_migrations(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@register(Tags.urls)
def site_answers_under_its_address(**kwargs: Any) -> list[CheckMessage]:
    host, _ = split_domain_port(urlsplit(conf().site_url).netloc)
    if not conf().site_url_is_given or validate_host(host, settings.ALLOWED_HOSTS):
        return []
    sentence = f"SITE_URL is {conf().site_url}, and ALLOWED_HOSTS does not name {host}: links in emails cannot work."
    return [Error(sentence, hint=f"Add {host} to ALLOWED_HOSTS, or correct SITE_URL.", id="generations.E013")]


@register()
def emails_have_a_sender(**kwargs: Any) -> list[CheckMessage]:
    if not conf().mail_configured or settings.SENDER_IS_GIVEN:
        return []
    sentence = f"DEFAULT_FROM_EMAIL is empty while EMAIL_URL is set; {settings.DEFAULT_FROM_EMAIL} sends the emails."
    hint = "Set it to an address that your mail server may send from, such as Gallery <gallery@example.com>."
    return [Warning(sentence, hint=hint, id="generations.W021")]


@register(Tags.translation)
def catalogues_are_compiled(**kwargs: Any) -> list[CheckMessage]:
    sources = [path for folder in settings.LOCALE_PATHS for path in sorted(folder.glob("*/LC_MESSAGES/django.po"))]
    stale = [path for path in sources if not is_compiled(path)]
    hint = "Run manage.py compilemessages and restart; until then pages show older sentences, or English ones."
    return [Warning(f"{path} has changed since it was compiled.", hint=hint, id="generations.W023") for path in stale]


@register(Tags.security)
def debug_stays_at_home(**kwargs: Any) -> list[CheckMessage]:
    host = settings.SITE_ADDRESS.rpartition(":")[0]
    if not conf().debug or host in LOOPBACK_HOSTS:
        return []
    hint = "Set DJANGO_DEBUG=0, or HOST=127.0.0.1."
    return [
        Warning(
            f"HOST is {host} while DJANGO_DEBUG is on: tracebacks would be shown to the network.",
            hint=hint,
            id="generations.W001",
        )
    ]


@register(Tags.security)
def connections_are_encrypted(**kwargs: Any) -> list[CheckMessage]:
    if conf().debug or settings.BEHIND_TLS:
        return []
    sentence = "BEHIND_TLS is 0: anyone who eavesdrops on the network can read passwords and take over sessions."
    hint = "Put a certificate in front and leave BEHIND_TLS out, unless nobody else is in this network."
    return [Warning(sentence, hint=hint, id="generations.W022")]


@register(Tags.security, deploy=True)
def demo_is_over(**kwargs: Any) -> list[CheckMessage]:
    if conf().is_demo:
        return []
    try:
        people = apps.get_model("generations", "User").objects.filter(demo=True, is_active=True).order_by("email")
        addresses = ", ".join(people.values_list("email", flat=True))
    except DatabaseError:
        # The table or the database is missing: `check --database` and `migrate` report that.
        return []
    if not addresses:
        return []
    sentence = f"{addresses} can sign in with the demo's published password, and this site isn't a demo."
    hint = "Restart web or the sweeper: both deactivate them. docs/operations.md says how to begin with empty data."
    return [Error(sentence, hint=hint, id="generations.E011")]


@register(Tags.security)
def copies_can_be_signed(**kwargs: Any) -> list[CheckMessage]:
    if not (conf().c2pa_certificate or conf().c2pa_key):
        return []
    if not conf().signs_copies:
        missing, given = (
            ("C2PA_KEY", "C2PA_CERTIFICATE") if conf().c2pa_certificate else ("C2PA_CERTIFICATE", "C2PA_KEY")
        )
        return [_unsigned(f"{missing} is empty while {given} is set.", "Set both, or none to send copies unsigned.")]
    return [*_key_is_kept(), *_signature_holds()]


def _key_is_kept() -> list[CheckMessage]:
    try:
        mode = stat.S_IMODE(os.stat(conf().c2pa_key).st_mode)
    except OSError:
        return []  # an unreadable file is reported when it is used
    if not mode & 0o077:
        return []
    return [_unsigned(f"C2PA_KEY {conf().c2pa_key} can be read by others (mode {mode:04o}).", "chmod 600 it.")]


def _signature_holds() -> list[CheckMessage]:
    """Sign a picture of one pixel, because the library knows best what is wrong with a certificate."""
    try:
        keys = credentials()
        ends, holds = ends_at(keys), is_valid(signed(ONE_PIXEL, "png", Mark(), keys), "png")
    except CannotSign as error:
        return [_unsigned(f"Copies cannot be signed. {error.message}", NOT_SIGNING)]
    left = (ends - timezone.now()).days
    if left < 0:
        return [_unsigned(f"The certificate in C2PA_CERTIFICATE expired on {ends:%Y-%m-%d}.", "Renew it.")]
    if not holds:
        return [
            _unsigned("A signature with C2PA_CERTIFICATE isn't valid.", "Create it as docs/provenance.md describes.")
        ]
    if left < EXPIRY_WARNING_DAYS:
        sentence = f"The certificate in C2PA_CERTIFICATE expires on {ends:%Y-%m-%d}."
        return [Warning(sentence, hint="Renew it. Later signatures won't be valid.", id="generations.W010")]
    return []


def _unsigned(sentence: str, hint: str) -> CheckMessage:
    return Error(sentence, hint=hint, id="generations.E010")
