"""Typed readers for environment variables; each failure names the variable, its value and the way out."""

import grp
import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from decimal import Decimal
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

MAX_DOLLARS = 1_000_000
DOLLARS = re.compile(r"[0-9]{1,7}(\.[0-9]{1,4})?")


def text(name: str, default: str = "", env: Mapping[str, str] = os.environ) -> str:
    return env.get(name, "").strip() or default


def flag(name: str, *, default: bool, env: Mapping[str, str] = os.environ) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    value = text(name, env=env)
    if not value:
        return default
    if value.lower() not in words:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to 1 or 0.")
    return words[value.lower()]


def integer(name: str, default: int, *, low: int, high: int, env: Mapping[str, str] = os.environ) -> int:
    value = text(name, str(default), env)
    try:
        number = int(value)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a whole number from {low} to {high}.")
    return number


def number(name: str, default: float, *, low: float, high: float, env: Mapping[str, str] = os.environ) -> float:
    value = text(name, str(default), env)
    try:
        result = float(value)
    except ValueError:
        result = low - 1
    if not low <= result <= high:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a number from {low} to {high}.")
    return result


def dollars(name: str, default: str, env: Mapping[str, str] = os.environ) -> Decimal | None:
    """Read an amount of US dollars: None when the variable is set and empty, the default when it is not set."""
    value = env.get(name, default).strip()
    if not value:
        return None
    amount = Decimal(value) if DOLLARS.fullmatch(value) else None
    if amount is None or amount > MAX_DOLLARS:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; set it to US dollars with a point, such as 12.50 (at most {MAX_DOLLARS}), or leave "
            "it empty for none."
        )
    return amount


def strings(name: str, default: list[str], env: Mapping[str, str] = os.environ) -> list[str]:
    value = text(name, env=env)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def networks(name: str, env: Mapping[str, str] = os.environ) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Read addresses and networks, separated by commas; an address is a network of one."""
    found = []
    for word in strings(name, [], env):
        try:
            network = ipaddress.ip_network(word)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} has {word!r} in it: {error}. Set it to addresses and networks, separated by commas, "
                "such as 192.0.2.7,10.1.0.0/16."
            ) from None
        if network.prefixlen == 0:
            raise ImproperlyConfigured(f"{name} has {word!r} in it, which is everybody; name only your proxies.")
        found.append(network)
    return found


def group(name: str, env: Mapping[str, str] = os.environ) -> int | None:
    """Read a group by name or number, and return its number. This process must be allowed to give files to it."""
    value = text(name, env=env)
    if not value:
        return None
    try:
        number = int(value) if value.isdecimal() else grp.getgrnam(value).gr_gid
    except KeyError:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a group of this machine.") from None
    if os.geteuid() != 0 and number not in {os.getegid(), *os.getgroups()}:
        raise ImproperlyConfigured(
            f"{name} is {value!r}, a group that the site's user is not in. Add it: usermod --append --groups {value} "
            "USER, in a container group_add. Then start the site again."
        )
    return number


def choice(name: str, default: str, allowed: list[str], env: Mapping[str, str] = os.environ) -> str:
    value = text(name, default, env)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to one of: {', '.join(allowed)}.")
    return value


def time_zone(name: str, default: str, env: Mapping[str, str] = os.environ) -> str:
    value = text(name, default, env)
    try:
        ZoneInfo(value)
    # A directory of the database is an OSError, a path outside of it a ValueError.
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a name such as Europe/Berlin or UTC.") from None
    return value


def redis(name: str, default: str, env: Mapping[str, str] = os.environ) -> str:
    """Read the address of a Redis or Valkey server. Its password is not repeated in an error."""
    value = text(name, default, env)
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"} or not _has_port(value):
        raise ImproperlyConfigured(f"{name} is not a Redis URL; write redis://:password@host:6379/0.")
    return value


def _has_port(address: str) -> bool:
    """Return whether the port of an address, if it has one, is a number that can be one."""
    try:
        urlsplit(address).port  # noqa: B018  it raises
    except ValueError:
        return False
    return True


def file_content(name: str, env: Mapping[str, str] = os.environ) -> str:
    """Read the file that the variable names, which is how containers receive secrets."""
    path = text(name, env=env)
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is {path!r}, which cannot be read; set it to a file of text.") from error


def origin(name: str, *, allow_local_http: bool, env: Mapping[str, str] = os.environ) -> str:
    """Read the address of a service that users are sent to; `allow_local_http` accepts http on this machine."""
    value = text(name, env=env)
    if not value:
        return ""
    url = urlsplit(value)
    is_local_http = allow_local_http and url.scheme == "http" and url.hostname in {"127.0.0.1", "localhost"}
    if not (url.hostname and (url.scheme == "https" or is_local_http)) or url.query or url.fragment:
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a URL that begins with https://.")
    return value


def site_url(name: str, default: str, *, allow_http: bool, env: Mapping[str, str] = os.environ) -> str:
    """Read the address of this site, which is scheme, host and port."""
    value = text(name, env=env).rstrip("/")
    if not value:
        return default
    schemes = {"https", "http"} if allow_http else {"https"}
    try:
        url = urlsplit(value)
        host = url.netloc.removesuffix(f":{url.port}")
        usable = url.scheme in schemes and re.fullmatch(r"[\w.-]+|\[[0-9a-f:]+\]", host)
    except ValueError:
        usable = False
    if not usable or value != f"{url.scheme}://{url.netloc}":
        raise ImproperlyConfigured(
            f"{name} is {value!r}; set it to scheme and host, and the port unless it is the usual one, such as "
            "https://gallery.example.com. Plain http:// also needs BEHIND_TLS=0."
        )
    return value


def sender(name: str, default: str, env: Mapping[str, str] = os.environ) -> str:
    """Read the sender of emails: an address, or a name with an address in angle brackets."""
    value = text(name, default, env)
    try:
        validate_email(parseaddr(value)[1])
    except ValidationError:
        # A default that no mail server takes is reported by a start-up check.
        if value != default:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; set it to an address, such as Gallery <gallery@example.com>."
            ) from None
    return value


def database(name: str, default: dict[str, object], env: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return Django's DATABASES entry for `postgres://user:password@host:port/name` or `sqlite:///path`.

    A PostgreSQL socket directory goes into the query: `postgres://user@/name?host=/run/postgresql`.
    """
    value = text(name, env=env)
    if not value:
        return default
    url = urlsplit(value)
    if url.scheme == "sqlite":
        return {**default, "NAME": unquote(url.path[1:]) or ":memory:"}
    if url.scheme not in {"postgres", "postgresql"} or not url.path[1:] or not _has_port(value):
        raise ImproperlyConfigured(
            f"{name} is {url.scheme}://…; write postgres://user:password@host:5432/name or sqlite:///path/to/file."
        )
    if find_spec("psycopg") is None:
        raise ImproperlyConfigured(
            f"{name} is {url.scheme}://…, and the driver of PostgreSQL is not installed. `make run` installs it; "
            f"without make: {sys.executable} -m pip install --require-hashes -r requirements/production.txt"
        )
    options = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", url.hostname or ""),
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def mail(name: str, env: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Return Django's EMAIL_ settings for `smtp://user:password@host:25`, `smtps://…:465` or `smtp+tls://…:587`.

    `console:`, which is the default, prints emails where the site runs.
    """
    url = urlsplit(text(name, "console:", env))
    secure = {"smtp": {}, "smtps": {"EMAIL_USE_SSL": True}, "smtp+tls": {"EMAIL_USE_TLS": True}}
    ports = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
    if url.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if url.scheme not in secure or not url.hostname or not _has_port(url.geturl()):
        raise ImproperlyConfigured(
            f"{name} is {url.scheme}:…; write smtp://user:password@host:25, smtps://…:465, smtp+tls://…:587 or console:"
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or ports[url.scheme],
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        **secure[url.scheme],
    }
