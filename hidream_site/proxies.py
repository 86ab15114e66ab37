"""Where a request comes from: X-Forwarded-For and X-Forwarded-Proto count only when a trusted proxy sends them."""

import ipaddress
import logging
from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# What one customer or one machine is given of IPv6; it picks another address inside at will.
IPV6_PREFIX = 64
logger = logging.getLogger(__name__)


def parse_address(text: str) -> Address | None:
    """An address as a proxy writes it: in brackets, with a port, with a zone. IPv4 inside IPv6 is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def network_of(address: str) -> str:
    """What limits count an address as: an IPv4 address itself, of IPv6 the /64 around it; other text as it is."""
    found = parse_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return address if found is None else str(found)


def client_of(peer: str, forwarded: str, trusted: Iterable[Network]) -> str:
    """The address behind the trusted proxies: from the right, each one names who came to it.

    What stands left of the first address that is not trusted was written by a visitor, and is not read.
    """
    networks = list(trusted)
    client, named = parse_address(peer), forwarded.split(",")
    while client is not None and is_in(client, networks) and named:
        before = parse_address(named.pop())
        if before is None:
            break
        client = before
    return peer if client is None else str(client)


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


class TrustedProxies:
    """Put the client's address into REMOTE_ADDR, and drop X-Forwarded-Proto unless a trusted proxy sends it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.trusted: list[Network] = settings.TRUSTED_PROXIES
        self.has_warned = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        peer = str(request.META.get("REMOTE_ADDR", ""))
        if is_in(parse_address(peer), self.trusted):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = client_of(peer, forwarded, self.trusted)
        elif request.META.pop("HTTP_X_FORWARDED_PROTO", "") and not settings.DEBUG and not self.has_warned:
            # Once: anybody may send this header. With a proxy that is not trusted every page leads to itself.
            self.has_warned = True
            logger.warning(
                "%s sends X-Forwarded-Proto and is not in TRUSTED_PROXIES. If it is your proxy, add it there.", peer
            )
        return self.get_response(request)
